// The one thread that waits for the log to grow. It sleeps in poll(2) until the kernel says that the file has changed; while
// nothing happens it costs nothing.

import NeuraphageEvents
import NeuraphagePlatform

/// Tells when a log may have more than it had.
final class LogWatch: Sendable {
    /// What a change shows in.
    private struct Look: Equatable {
        var identity: FileStatus.Identity?
        var size: Int64?
    }

    /// How long after another file has come to the log's path writers may go on in the one before, and some more.
    private static let grace: Int32 = 200  // ms

    private let path: String
    private let files: any FileSystem
    private let tell: @Sendable () -> Void
    /// A pipe: the thread ends when its reading end is closed.
    private let pipe: Lock<(reading: Int32, writing: Int32)>

    init(path: String, _ files: any FileSystem, tell: @escaping @Sendable () -> Void) {
        self.path = path
        self.files = files
        self.tell = tell
        pipe = Lock((-1, -1))
    }

    /// Begins to watch.
    ///
    /// - Returns: Whether the system had a thread and descriptors left.
    func start() -> Bool {
        guard let ends = Self.openPipe() else { return false }
        pipe.withLock { $0 = ends }
        return DetachedThread.start { self.run(until: ends.writing) }
    }

    func stop() {
        pipe.withLock { pipe in
            if pipe.reading >= 0 { close(pipe.reading) }
            pipe.reading = -1
        }
    }

    private func run(until end: Int32) {
        let watch = FileWatch(path: path)
        var seen = look()
        var isFollowed = true
        while isFollowed {
            isFollowed = watch.wait(milliseconds: nil, output: end) { look() != seen }
            let now = look()
            guard now != seen else { continue }
            tell()
            if now.identity != seen.identity {
                isFollowed = watch.wait(milliseconds: Self.grace, output: end) { false }
                tell()
            }
            seen = now
        }
        close(end)
    }

    private func look() -> Look {
        let status = try? files.status(at: path, followingLinks: false)
        return Look(identity: status?.identity, size: status?.size)
    }

    private static func openPipe() -> (reading: Int32, writing: Int32)? {
        var pair: [Int32] = [-1, -1]
        guard NeuraphagePlatform.pipe(&pair) == 0 else { return nil }
        for end in pair { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (pair[0], pair[1])
    }
}
