// The daemon's socket: a file in a directory that is its user's alone, and the descriptor on which it listens.
//
// The file may be another daemon's by now: the directory may have been moved away and another one begun in its place. So
// it is removed only if it is the very file that was made here, and whoever serves the descriptor must not touch it.

import NeuraphageEvents
import NeuraphagePlatform

/// A socket that this process listens on.
final class ListeningSocket: Sendable {
    private let path: String
    /// Negative once it is closed.
    private let descriptor: Lock<Int32>
    private let identity: FileStatus.Identity?
    private let files: any FileSystem

    /// Makes the socket, at whose path there must be nothing.
    ///
    /// - Parameter backlog: How many clients may wait until they are let in.
    init(at path: String, backlog: Int, _ files: any FileSystem) throws(DaemonError) {
        self.path = path
        self.files = files
        let descriptor = SocketAddress.makeSocket()
        func failed(_ step: String, _ code: Int32) -> DaemonError {
            DaemonError(.unusableSocket, "cannot \(step) the socket \(path): \(SystemError(code: code))")
        }
        guard descriptor >= 0 else { throw failed("make", errno) }
        guard SocketAddress.bind(descriptor, to: path) == 0 else {
            let code = errno
            systemClose(descriptor)
            throw failed("make", code)
        }
        identity = files.identity(at: path)
        self.descriptor = Lock(descriptor)
        guard listen(descriptor, Int32(clamping: backlog)) == 0 else {
            let code = errno
            close()
            throw failed("listen on", code)
        }
    }

    deinit {
        close()
    }

    /// Another descriptor of the same socket, for a server to close.
    func duplicate() throws(DaemonError) -> Int32 {
        let (copy, code) = descriptor.withLock { (fcntl($0, F_DUPFD_CLOEXEC, 0), errno) }
        guard copy >= 0 else {
            throw DaemonError(.systemFailure, "cannot listen on the socket \(path): \(SystemError(code: code))")
        }
        return copy
    }

    /// Ends listening, and removes the file, if it is still the one that was made here.
    func close() {
        descriptor.withLock { descriptor in
            guard descriptor >= 0 else { return }
            if let identity, files.identity(at: path) == identity { try? files.remove(path) }
            systemClose(descriptor)
            descriptor = -1
        }
    }
}

/// The system's calls on a Unix socket by its path.
enum SocketAddress {
    /// How long a path a socket's address holds, its final zero not counted.
    static let longest = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1

    /// A socket that is connected to nothing, closed on exec; negative if there can be none.
    static func makeSocket() -> Int32 {
        #if canImport(Darwin)
        let descriptor = socket(AF_UNIX, SOCK_STREAM, 0)
        if descriptor >= 0 { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        return descriptor
        #elseif canImport(Glibc)
        return socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        #else
        return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)
        #endif
    }

    static func bind(_ descriptor: Int32, to path: String) -> Int32 {
        withAddress(of: path) { systemBind(descriptor, $0, $1) }
    }

    static func connect(_ descriptor: Int32, to path: String) -> Int32 {
        withAddress(of: path) { systemConnect(descriptor, $0, $1) }
    }

    private static func withAddress(of path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(longest)) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}

private func systemBind(_ descriptor: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t) -> Int32 {
    bind(descriptor, address, length)
}

private func systemConnect(_ descriptor: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t) -> Int32 {
    connect(descriptor, address, length)
}

private func systemClose(_ descriptor: Int32) {
    close(descriptor)
}
