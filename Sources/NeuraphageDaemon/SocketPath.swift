// The place of the socket. Only the holder of the directory's lock may clear it, and even then not under a living
// server: another data directory's daemon may have been told to use the same path.

import NeuraphageEvents
import NeuraphagePlatform

enum SocketPath {
    /// How long a path a socket's address holds, its final zero not counted.
    static let longest = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1

    /// Checks that a socket can be bound at the path, and removes a dead one that is in the way.
    static func prepare(_ path: String, _ files: any FileSystem) throws(DaemonError) {
        guard path.utf8.count <= longest else {
            throw DaemonError(
                .unusableSocket,
                "the socket's path has \(path.utf8.count) bytes and may have \(longest): \(path); use --socket with a "
                    + "shorter one"
            )
        }
        try PrivateDirectory.check(path.parentDirectory, files)
        guard let status = try? files.status(at: path, followingLinks: false) else { return }
        guard status.isSocket else {
            throw DaemonError(.unusableSocket, "\(path) exists and is not a socket; move it away or use --socket")
        }
        guard !isAlive(path) else {
            throw DaemonError(
                .alreadyRunning,
                "another program answers on the socket \(path) already; use another --socket"
            )
        }
        try? files.remove(path)
    }

    private static func isAlive(_ path: String) -> Bool {
        #if canImport(Glibc)
        let type = Int32(SOCK_STREAM.rawValue)
        #else
        let type = SOCK_STREAM
        #endif
        let descriptor = socket(AF_UNIX, type, 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        return result == 0
    }
}
