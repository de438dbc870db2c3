// Learning that something has changed in some directories. On Linux the kernel tells (inotify), and nobody polls while
// nothing happens; elsewhere the directories' times are looked at once a second.
//
// What is told is only that something changed: several changes at once are told as one, and whoever is told looks.

import NeuraphageEvents

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Tells when files appear, change, are renamed or removed in directories, or the directories themselves go.
final class DirectoryWatch: Sendable {
    private struct State {
        var directories: [String: Int32] = [:]
        var isClosed = false
    }

    /// Tells that something has changed since it was told last. One consumer.
    let changes: AsyncStream<Void>
    private let change: AsyncStream<Void>.Continuation
    /// Whether a file of this name is worth telling of; the empty name is the directory itself.
    private let isRelevant: @Sendable (String) -> Bool
    private let state = Lock(State())
    private let notifier: Int32
    /// A pipe: what is written to one end ends the thread that waits at the other.
    private let stop: (read: Int32, write: Int32)

    /// A watch on nothing yet.
    init(isRelevant: @escaping @Sendable (String) -> Bool) throws(SystemError) {
        (changes, change) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        self.isRelevant = isRelevant
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw SystemError(code: errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        stop = (ends[0], ends[1])
        #if os(Linux)
        notifier = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
        guard notifier >= 0 else {
            let error = SystemError(code: errno)
            for end in ends { _ = systemClose(end) }
            throw error
        }
        #else
        notifier = -1
        #endif
        guard DetachedThread.start({ self.wait() }) else { throw SystemError(code: EAGAIN) }
    }

    /// Watches these directories from now on, and no others. What doesn't exist or cannot be read is passed over.
    ///
    /// - Parameters:
    ///   - directories: Those in which every change counts.
    ///   - places: Those of which only counts that they go.
    /// - Throws: If the system lets nobody watch so much; then some of them are not watched.
    func watch(_ directories: Set<String>, presenceOf places: Set<String> = []) throws(SystemError) {
        #if os(Linux)
        let error: SystemError? = state.withLock { state in
            guard !state.isClosed else { return nil }
            var error: SystemError?
            let all = directories.union(places)
            for (directory, watch) in state.directories where !all.contains(directory) {
                inotify_rm_watch(notifier, watch)
                state.directories[directory] = nil
            }
            // One that is watched already is asked for again: it may be another directory of the same name by now.
            let changes = UInt32(IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE)
            let departure = UInt32(IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)
            for directory in all {
                let mask = directories.contains(directory) ? changes | departure : departure
                let watch = inotify_add_watch(notifier, directory, mask)
                if watch < 0, errno == ENOSPC || errno == ENOMEM { error = SystemError(code: errno) }
                state.directories[directory] = watch < 0 ? nil : watch
            }
            return error
        }
        if let error { throw error }
        #else
        let all = directories.union(places.map(\.parentDirectory))
        state.withLock { $0.directories = Dictionary(uniqueKeysWithValues: all.map { ($0, 0) }) }
        #endif
    }

    /// Ends ``changes``.
    func close() {
        state.withLock { state in
            guard !state.isClosed else { return }
            state.isClosed = true
            _ = write(stop.write, "x", 1)
        }
    }

    // MARK: - The thread

    #if os(Linux)
    private func wait() {
        var descriptors = [
            pollfd(fd: stop.read, events: Int16(POLLIN), revents: 0),
            pollfd(fd: notifier, events: Int16(POLLIN), revents: 0),
        ]
        while descriptors[0].revents == 0 {
            _ = poll(&descriptors, nfds_t(descriptors.count), -1)
            if descriptors[1].revents != 0, readChanges() { change.yield() }
        }
        end()
    }

    /// Reads what the kernel has to tell.
    ///
    /// - Returns: Whether any of it is relevant.
    private func readChanges() -> Bool {
        withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 8) { buffer in
            var isRelevant = false
            while case let count = read(notifier, buffer.baseAddress, buffer.count), count > 0 {
                var position = 0
                while position + MemoryLayout<inotify_event>.size <= count {
                    let event = buffer.loadUnaligned(fromByteOffset: position, as: inotify_event.self)
                    let start = position + MemoryLayout<inotify_event>.size
                    let name = buffer[start..<start + Int(event.len)].prefix { $0 != 0 }
                    // A queue that ran over may have held anything.
                    let isOverflow = event.mask & UInt32(IN_Q_OVERFLOW) != 0
                    if isOverflow || self.isRelevant(String(decoding: name, as: UTF8.self)) { isRelevant = true }
                    position = start + Int(event.len)
                }
            }
            return isRelevant
        }
    }
    #else
    private func wait() {
        var known: [String: timespec] = [:]
        var descriptors = [pollfd(fd: stop.read, events: Int16(POLLIN), revents: 0)]
        while descriptors[0].revents == 0 {
            let times = state.withLock { Array($0.directories.keys) }.reduce(into: [:]) { times, directory in
                var status = stat()
                if stat(directory, &status) == 0 { times[directory] = status.st_mtimespec }
            }
            let isChanged = times.contains { directory, time in
                known[directory].map { $0.tv_sec != time.tv_sec || $0.tv_nsec != time.tv_nsec } ?? true
            }
            if isChanged || times.count != known.count { change.yield() }
            known = times
            _ = poll(&descriptors, nfds_t(descriptors.count), 1_000)
        }
        end()
    }
    #endif

    private func end() {
        change.finish()
        state.withLock { _ in
            if notifier >= 0 { _ = systemClose(notifier) }
            _ = systemClose(stop.read)
            _ = systemClose(stop.write)
        }
    }
}

private func systemClose(_ descriptor: Int32) -> Int32 { close(descriptor) }
