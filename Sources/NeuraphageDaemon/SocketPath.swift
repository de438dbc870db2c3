// The place of the socket. Only the holder of the directory's lock may clear it, and even then not under a living
// server: another data directory's daemon may have been told to use the same path.

import NeuraphageEvents
import NeuraphagePlatform

enum SocketPath {
    /// What a connection to a socket shows of its server.
    private enum Server {
        case alive, dead
        case unknown(SystemError)
    }

    /// Checks that a socket can be bound at the path, and removes a dead one that is in the way.
    static func prepare(_ path: String, _ files: any FileSystem) throws(DaemonError) {
        guard path.utf8.count <= SocketAddress.longest else {
            throw DaemonError(
                .unusableSocket,
                "the socket's path has \(path.utf8.count) bytes and may have \(SocketAddress.longest): \(path); use "
                    + "--socket with a shorter one"
            )
        }
        try PrivateDirectory.check(path.parentDirectory, files)
        guard let status = try? files.status(at: path, followingLinks: false) else { return }
        guard status.isSocket else {
            throw DaemonError(.unusableSocket, "\(path) exists and is not a socket; move it away or use --socket")
        }
        switch server(at: path) {
        case .dead: try? files.remove(path)
        case .alive:
            throw DaemonError(
                .alreadyRunning,
                "another program answers on the socket \(path) already; use another --socket"
            )
        case .unknown(let error):
            throw DaemonError(
                .unusableSocket,
                "cannot tell whether another program answers on the socket \(path): \(error)"
            )
        }
    }

    /// Only a connection that is refused shows that nobody listens any more. One that would have to wait shows the contrary.
    private static func server(at path: String) -> Server {
        let descriptor = SocketAddress.makeSocket()
        guard descriptor >= 0 else { return .unknown(SystemError(code: errno)) }
        defer { close(descriptor) }
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        guard SocketAddress.connect(descriptor, to: path) != 0 else { return .alive }
        switch errno {
        case ECONNREFUSED, ENOENT: return .dead
        case EAGAIN, EINPROGRESS: return .alive
        case let code: return .unknown(SystemError(code: code))
        }
    }
}
