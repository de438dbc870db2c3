// The one place in the process that waits for changes in directories. On Linux the kernel tells (inotify). The kernel says
// nothing of some changes: that a directory above was renamed, that another file system was mounted, what another machine
// does on a network disk. So the directories' times and identities are looked at as well, now and then; and every two
// seconds where the kernel doesn't tell at all: elsewhere, or if the user has no inotify instance left.
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
        /// Where the kernel tells; less than 0 if it doesn't.
        var descriptor: Int32 = -1
        var hasThread = false
        /// What the watched directories were like when they were looked at last.
        var looks: [String: Look] = [:]
    }

    /// How often to look, in ms: where the kernel tells, and where it doesn't.
    private static let intervals: (backup: Int32, blind: Int32) = (20_000, 2_000)

    /// What a directory was like when it was looked at last.
    fileprivate struct Look: Equatable {
        var identity: FileStatus.Identity?
        var seconds = 0
        var nanoseconds = 0
    }

    private let state = Lock(State())

    /// A new subscriber, who watches nothing yet.
    ///
    /// - Parameters:
    ///   - isRelevant: Whether a file of this name is worth telling of.
    ///   - notify: Is told. Called by the one thread that serves all; must return at once.
    func subscribe(
        isRelevant: @escaping @Sendable (String) -> Bool,
        notify: @escaping @Sendable () -> Void
    ) -> UInt64 {
        state.withLock { state in
            if !state.hasThread {
                #if os(Linux)
                state.descriptor = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
                #endif
                state.hasThread = DetachedThread.start { self.wait() }
            }
            state.next += 1
            state.subscribers[state.next] = Subscriber(isRelevant: isRelevant, notify: notify)
            return state.next
        }
    }

    /// Whether the kernel tells of changes, rather than their being looked for at intervals; `nil` before anybody asked.
    var isTold: Bool? { state.withLock { $0.hasThread ? $0.descriptor >= 0 : nil } }

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
            for (directory, entry) in after where state.looks[directory] == nil {
                state.looks[directory] = Self.look(at: directory, entry.interest)
            }
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

    // MARK: - Looking

    private func wait() {
        var nextLook: UInt64 = 0
        while true {
            let descriptor = state.withLock { $0.descriptor }
            // However much the kernel has to say, it is time to look now and then.
            if waitForKernel(descriptor), MonotonicClock.now < nextLook { continue }
            nextLook = MonotonicClock.now + UInt64(Self.intervals.backup) * 1_000_000
            for notify in changed() { notify() }
        }
    }

    /// Looks at all directories, and returns how to tell those who watch one that has changed.
    private func changed() -> [@Sendable () -> Void] {
        let (subscribers, known) = state.withLock { (Array($0.subscribers.values), $0.looks) }
        var looks: [String: Look] = [:]
        var changed: [@Sendable () -> Void] = []
        for subscriber in subscribers {
            var isConcerned = false
            for (directory, entry) in subscriber.directories {
                let look = looks[directory] ?? Self.look(at: directory, entry.interest)
                looks[directory] = look
                if let last = known[directory], last != look { isConcerned = true }
            }
            if isConcerned { changed.append(subscriber.notify) }
        }
        let seen = looks
        state.withLock { $0.looks.merge(seen) { _, new in new } }
        return changed
    }

    private static func look(at directory: String, _ interest: Interest) -> Look {
        let files = RealFileSystem()
        var look = Look(identity: files.identity(at: directory))
        if interest == .changes, let time = try? files.modificationTime(at: directory) {
            (look.seconds, look.nanoseconds) = (Int(time.tv_sec), Int(time.tv_nsec))
        }
        return look
    }

    // MARK: - Where the kernel tells

    #if os(Linux)
    private static let departure = UInt32(IN_DELETE_SELF | IN_MOVE_SELF)

    private static func add(_ directory: String, _ interest: Interest, to descriptor: Int32) -> Result<
        Int32, SystemError
    > {
        guard descriptor >= 0 else { return .success(0) }
        let changes = UInt32(IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE)
        let mask = (interest == .changes ? changes : 0) | departure | UInt32(IN_ONLYDIR) | UInt32(IN_MASK_ADD)
        let number = inotify_add_watch(descriptor, directory, mask)
        return number < 0 ? .failure(SystemError(code: errno)) : .success(number)
    }

    /// Waits for the kernel's words, and tells those whom they concern.
    ///
    /// - Returns: `false` if there were none for so long that it is time to look.
    private func waitForKernel(_ descriptor: Int32) -> Bool {
        guard descriptor >= 0 else {
            usleep(UInt32(Self.intervals.blind) * 1_000)
            return false
        }
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, Self.intervals.backup) != 0 else { return false }
        withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 8) { buffer in
            let count = read(descriptor, buffer.baseAddress, buffer.count)
            guard count > 0 else { return }
            for subscriber in concerned(by: UnsafeRawBufferPointer(rebasing: buffer[..<count])) { subscriber() }
        }
        return true
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

    private func waitForKernel(_ descriptor: Int32) -> Bool {
        usleep(UInt32(Self.intervals.blind) * 1_000)
        return false
    }
    #endif
}

extension DirectoryNotifier.State {
    /// Lets the kernel forget directories that nobody watches any more.
    fileprivate func removeUnused(_ numbers: [Int32]) {
        #if os(Linux)
        let used = Set(subscribers.values.flatMap { $0.directories.values.map(\.number) })
        guard descriptor >= 0 else { return }
        for number in Set(numbers).subtracting(used) { inotify_rm_watch(descriptor, number) }
        #endif
    }
}
