// Waiting until something may have happened to a file. On Linux the kernel tells (inotify), and nobody polls while
// nothing happens; elsewhere, or where the kernel has no watch left, the file is looked at ten times a second.

import NeuraphagePlatform

/// Waits for changes to the file at a path, and to what stands at that path.
package struct FileWatch: ~Copyable {
    private static let pollInterval: Int32 = 100  // ms

    private let path: String
    private var notifier: Int32 = -1

    package init(path: String) {
        self.path = path
        #if os(Linux)
        notifier = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
        #endif
    }

    deinit {
        if notifier >= 0 { close(notifier) }
    }

    /// Watches what stands at the path now. Look at the file after this, not before it, or a change may go unnoticed.
    ///
    /// - Returns: Whether the kernel will tell of changes.
    private func arm() -> Bool {
        #if os(Linux)
        guard notifier >= 0 else { return false }
        // For one event only: the watch on a file that has been left doesn't stay with it.
        let fileEvents = UInt32(IN_MODIFY | IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF) | UInt32(IN_ONESHOT)
        let directoryEvents = UInt32(IN_CREATE | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)
        let watchesFile = inotify_add_watch(notifier, path, fileEvents) >= 0
        guard watchesFile || errno == ENOENT else { return false }
        let wanted = path.parentDirectory
        var directory = wanted
        while true {
            if inotify_add_watch(notifier, directory, directoryEvents) < 0 {
                guard errno == ENOENT, directory != "/", directory != "." else { return false }
                directory = directory.parentDirectory
            } else if directory == wanted || !isNearer(than: directory) {
                return true
            } else {
                // What was missing has come before we watched for it to come.
                directory = wanted
            }
        }
        #else
        return false
        #endif
    }

    #if os(Linux)
    /// Whether something stands between a directory above the file and the file.
    private func isNearer(than ancestor: String) -> Bool {
        var directory = path.parentDirectory
        while directory.parentDirectory != ancestor, directory != "/", directory != "." {
            directory = directory.parentDirectory
        }
        return access(directory, F_OK) == 0
    }
    #endif

    /// Calls `look`, and if that returns `false` waits until something may have changed, `milliseconds` have passed, or
    /// whoever reads from the descriptor `output` has gone.
    ///
    /// - Returns: Whether somebody still reads from `output`.
    package func wait(milliseconds: Int32?, output: Int32?, unless look: () throws -> Bool) rethrows -> Bool {
        let isArmed = arm()
        if try look() { return true }
        var descriptors = [pollfd(fd: output ?? -1, events: 0, revents: 0)]
        if isArmed { descriptors.append(pollfd(fd: notifier, events: Int16(POLLIN), revents: 0)) }
        let timeout = isArmed ? milliseconds ?? -1 : min(milliseconds ?? Self.pollInterval, Self.pollInterval)
        _ = poll(&descriptors, nfds_t(descriptors.count), timeout)
        drain()
        return descriptors[0].revents & Int16(POLLERR | POLLHUP | POLLNVAL) == 0
    }

    private func drain() {
        guard notifier >= 0 else { return }
        withUnsafeTemporaryAllocation(byteCount: 4_096, alignment: 8) { buffer in
            while read(notifier, buffer.baseAddress, buffer.count) > 0 {}
        }
    }
}
