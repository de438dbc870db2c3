// Who is the daemon of a data directory: whoever holds flock on a file in it. The kernel lets go of the lock when the
// process ends, however it ends, so neither a pid nor anything else that stands in a file decides.
//
// What stands in the file tells how the last daemon ended: its session's id while it serves, nothing once it has ended
// in order.

import NeuraphageEvents

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The right to be the daemon of a directory, as long as it lives.
final class DaemonLock: Sendable {
    /// How the daemon before this one ended.
    enum Previous: String {
        case clean, unclean, none
    }

    static let fileName = "daemon.lock"

    let previous: Previous
    private let descriptor: Int32
    private let path: String

    /// Takes the lock, or says who has it.
    init(in directory: String) throws(DaemonError) {
        path = directory + "/" + Self.fileName
        while true {
            let (descriptor, isFresh) = try Self.open(path)
            if flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
                let error = errno
                close(descriptor)
                if error == EINTR { continue }
                guard error == EWOULDBLOCK else { throw Self.failure("lock", path, error) }
                throw DaemonError(
                    .alreadyRunning,
                    "a daemon serves \(directory) already; stop it first, or use another --data-dir"
                )
            }
            guard let size = Self.sizeIfStillAt(path, descriptor) else {
                close(descriptor)  // somebody removed the file before it was locked
                continue
            }
            self.descriptor = descriptor
            previous = size > 0 ? .unclean : isFresh ? .none : .clean
            return
        }
    }

    deinit {
        close(descriptor)
    }

    /// Notes that this session serves.
    func begin(session: String) {
        _ = ftruncate(descriptor, 0)
        let line = Array((session + "\n").utf8)
        _ = pwrite(descriptor, line, line.count, 0)
    }

    /// Notes that the session has ended in order.
    func end() {
        _ = ftruncate(descriptor, 0)
    }

    private static func open(_ path: String) throws(DaemonError) -> (descriptor: Int32, isFresh: Bool) {
        let fileSystem = RealFileSystem()
        let flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW
        do throws(SystemError) {
            return (try fileSystem.open(path, flags: flags | O_EXCL, permissions: 0o600), true)
        } catch {
            guard error.code == EEXIST else { throw failure("make", path, error.code) }
        }
        do throws(SystemError) {
            return (try fileSystem.open(path, flags: flags, permissions: 0o600), false)
        } catch {
            throw failure("open", path, error.code)
        }
    }

    /// The file's size, if it is still the one at the path.
    private static func sizeIfStillAt(_ path: String, _ descriptor: Int32) -> Int64? {
        let fileSystem = RealFileSystem()
        guard let ours = try? fileSystem.status(of: descriptor),
            let atPath = try? fileSystem.status(at: path, followingLinks: false), ours.identity == atPath.identity
        else { return nil }
        return ours.size
    }

    private static func failure(_ what: String, _ path: String, _ error: Int32) -> DaemonError {
        DaemonError(.systemFailure, "cannot \(what) the lock file \(path): \(SystemError(code: error))")
    }
}
