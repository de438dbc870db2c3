// Where the daemon's own messages go when it runs in the background: a file that never grows beyond a bound, beside it
// the one before it. Messages are worth less than the service: nothing that happens to the file holds the daemon up.
//
// The file is standard error, so that the last words of a crash stand in it too, also after it was put aside.

package import NeuraphageEvents
import NeuraphagePlatform

/// A file for messages, put aside as `PATH.1` when it has become large. With that one it takes twice `limit` at most,
/// and a message more.
package final class DaemonLogFile: Sendable {
    private let path: String
    private let limit: Int64
    private let descriptor: Int32
    private let files: any FileSystem
    private let writing = Lock(())

    /// The file at `path`, to be written by way of `descriptor`, which is made to refer to it.
    package init(
        path: String,
        limit: Int64 = 1 << 20,
        descriptor: Int32 = STDERR_FILENO,
        in files: any FileSystem
    ) {
        self.path = path
        self.files = files
        self.limit = limit
        self.descriptor = descriptor
    }

    /// Appends a line. What cannot be written is lost; a file that was deleted or moved away is begun anew.
    package func write(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        writing.withLock { _ in
            prepare(for: bytes.count)
            try? files.writeAll(bytes, to: descriptor)
        }
    }

    /// Makes the descriptor refer to the file at the path, and sees to it that there is room in it.
    private func prepare(for count: Int) {
        let current = try? files.status(of: descriptor)
        let atPath = try? files.status(at: path, followingLinks: false)
        if current == nil || current?.identity != atPath?.identity { begin(path) }
        guard let size = try? files.status(of: descriptor).size, size + Int64(count) > limit, size > 0 else {
            return
        }
        // The next file is opened first: if the system has no descriptor left, the old one must not go on growing.
        if begin(path + ".new", andRename: true) { return }
        try? files.truncate(descriptor, to: 0)
    }

    @discardableResult
    private func begin(_ newPath: String, andRename isNext: Bool = false) -> Bool {
        let flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
        guard let opened = try? files.open(newPath, flags: flags, permissions: 0o600) else { return false }
        defer { files.close(opened) }
        if isNext {
            do throws(SystemError) {
                try files.rename(path, replacing: path + ".1")
                try files.rename(newPath, replacing: path)
            } catch {
                try? files.remove(newPath)
                return false
            }
        }
        return dup2(opened, descriptor) >= 0
    }
}
