// The one place in the process that waits for changes in directories. On Linux the kernel tells (inotify), and nobody polls
// while nothing happens; elsewhere the directories' times are looked at once a second.
//
// One for all, because a person may have only 128 of these at a time, and editors want some, too.

import NeuraphageEvents
import NeuraphagePlatform

/// Tells subscribers of changes in the directories that they name.
final class DirectoryNotifier: Sendable {
    static let shared = DirectoryNotifier()

    /// What a subscriber wants to know of a directory.
    enum Interest: Sendable {
        /// That files appear, change, are renamed or removed in it, and that it goes.
        case changes
        /// That it goes.
        case presence
    }

    fileprivate struct Subscriber {
        let isRelevant: @Sendable (String) -> Bool
        let notify: @Sendable () -> Void
        /// What it watches; where the kernel tells, with the number that the kernel gave the directory.
        var directories: [String: (number: Int32, interest: Interest)] = [:]
    }

    fileprivate struct State {
        var subscribers: [UInt64: Subscriber] = [:]
        var next: UInt64 = 0
        /// Where the kernel tells; less than 0 as long as it doesn't, or nobody asked.
        var descriptor: Int32 = -1
        var hasThread = false
    }

    private let state = Lock(State())

    /// A new subscriber, who watches nothing yet.
    ///
    /// - Parameters:
    ///   - isRelevant: Whether a file of this name is worth telling of.
    ///   - notify: Is told. Called by the one thread that serves all; must return at once.
    /// - Throws: If the system has nothing left to tell by.
    func subscribe(
        isRelevant: @escaping @Sendable (String) -> Bool,
        notify: @escaping @Sendable () -> Void
    ) throws(SystemError) -> UInt64 {
        let outcome = state.withLock { state -> Result<UInt64, SystemError> in
            #if os(Linux)
            if state.descriptor < 0 { state.descriptor = inotify_init1(Int32(IN_CLOEXEC)) }
            guard state.descriptor >= 0 else { return .failure(SystemError(code: errno)) }
            #endif
            if !state.hasThread { state.hasThread = DetachedThread.start { self.wait() } }
            guard state.hasThread else { return .failure(SystemError(code: EAGAIN)) }
            state.next += 1
            state.subscribers[state.next] = Subscriber(isRelevant: isRelevant, notify: notify)
            return .success(state.next)
        }
        return try outcome.get()
    }

    /// Watches these directories for a subscriber, and no others. What doesn't exist or cannot be read is passed over.
    ///
    /// - Throws: If the system lets nobody watch so much; then some of them are not watched.
    func watch(_ directories: [String: Interest], for id: UInt64) throws(SystemError) {
        let error = state.withLock { state -> SystemError? in
            guard let before = state.subscribers[id]?.directories else { return nil }
            var error: SystemError?
            var after: [String: (number: Int32, interest: Interest)] = [:]
            for (directory, interest) in directories {
                // One that is watched already is asked for again: it may be another directory of the same name by now.
                switch Self.add(directory, interest, to: state.descriptor) {
                case .success(let number): after[directory] = (number, interest)
                case .failure(let failure): if failure.code == ENOSPC || failure.code == ENOMEM { error = failure }
                }
            }
            state.subscribers[id]?.directories = after
            state.removeUnused(before.values.map(\.number))
            return error
        }
        if let error { throw error }
    }

    /// Ends a subscription.
    func unsubscribe(_ id: UInt64) {
        state.withLock { state in
            guard let subscriber = state.subscribers.removeValue(forKey: id) else { return }
            state.removeUnused(subscriber.directories.values.map(\.number))
        }
    }

    // MARK: - Where the kernel tells

    #if os(Linux)
    private static let departure = UInt32(IN_DELETE_SELF | IN_MOVE_SELF)

    private static func add(_ directory: String, _ interest: Interest, to descriptor: Int32) -> Result<
        Int32, SystemError
    > {
        let changes = UInt32(IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE)
        let mask = (interest == .changes ? changes : 0) | departure | UInt32(IN_ONLYDIR) | UInt32(IN_MASK_ADD)
        let number = inotify_add_watch(descriptor, directory, mask)
        return number < 0 ? .failure(SystemError(code: errno)) : .success(number)
    }

    private func wait() {
        let descriptor = state.withLock { $0.descriptor }
        withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 8) { buffer in
            while true {
                let count = read(descriptor, buffer.baseAddress, buffer.count)
                guard count > 0 else {
                    if count < 0, errno == EINTR { continue }
                    return
                }
                for subscriber in concerned(by: UnsafeRawBufferPointer(rebasing: buffer[..<count])) { subscriber() }
            }
        }
    }

    /// Whom the kernel's words concern.
    private func concerned(by words: UnsafeRawBufferPointer) -> [@Sendable () -> Void] {
        state.withLock { state in
            var concerned: [UInt64: @Sendable () -> Void] = [:]
            var position = 0
            while position + MemoryLayout<inotify_event>.size <= words.count {
                let event = words.loadUnaligned(fromByteOffset: position, as: inotify_event.self)
                let start = position + MemoryLayout<inotify_event>.size
                let name = String(decoding: words[start..<start + Int(event.len)].prefix { $0 != 0 }, as: UTF8.self)
                position = start + Int(event.len)
                // A queue that ran over may have held anything.
                let isForAll = event.mask & UInt32(IN_Q_OVERFLOW) != 0
                let hasGone = event.mask & (Self.departure | UInt32(IN_IGNORED)) != 0
                for (id, subscriber) in state.subscribers where concerned[id] == nil {
                    let isConcerned = subscriber.directories.values.contains { number, interest in
                        number == event.wd && (hasGone || interest == .changes && subscriber.isRelevant(name))
                    }
                    if isForAll || isConcerned { concerned[id] = subscriber.notify }
                }
            }
            return Array(concerned.values)
        }
    }
    #else
    private static func add(_ directory: String, _ interest: Interest, to descriptor: Int32) -> Result<
        Int32, SystemError
    > {
        .success(0)
    }

    private func wait() {
        var known: [String: timespec] = [:]
        while true {
            let subscribers = state.withLock { Array($0.subscribers.values) }
            var times: [String: timespec] = [:]
            for subscriber in subscribers {
                let directories = subscriber.directories.map { path, entry in
                    entry.interest == .changes ? path : path.parentDirectory
                }
                var isConcerned = false
                for directory in directories {
                    let time = (try? RealFileSystem().modificationTime(at: directory)) ?? timespec()
                    times[directory] = time
                    guard let last = known[directory] else { continue }
                    if last.tv_sec != time.tv_sec || last.tv_nsec != time.tv_nsec { isConcerned = true }
                }
                if isConcerned { subscriber.notify() }
            }
            known = times
            usleep(1_000_000)
        }
    }
    #endif
}

extension DirectoryNotifier.State {
    /// Lets the kernel forget directories that nobody watches any more.
    fileprivate func removeUnused(_ numbers: [Int32]) {
        #if os(Linux)
        let used = Set(subscribers.values.flatMap { $0.directories.values.map(\.number) })
        for number in Set(numbers).subtracting(used) { inotify_rm_watch(descriptor, number) }
        #endif
    }
}
