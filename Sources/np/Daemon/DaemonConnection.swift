// A small blocking HTTP client for the daemon's Unix socket (RFC 9112, as much of it as our own server speaks). It keeps
// the light commands light: an HTTP library would more than double their start-up.

import NeuraphageEvents
import NeuraphagePlatform
import NeuraphagePresentation

/// One request to the daemon, and its answer as it comes.
struct DaemonConnection: ~Copyable {
    /// Nobody answers on the socket.
    struct NoDaemon: Error {}

    /// How long a daemon may take for each step of an answer, in ms. One that needs longer hangs, or was stopped.
    static let patience = 1_200
    /// How long the head of an answer may be, or a line between two pieces of its body.
    private static let longestLine = 1 << 16

    /// The status code of the answer.
    let status: Int
    private let socket: Int32
    private var isChunked = false
    private var remaining: Int?
    private var unread: [UInt8]

    /// Sends a request and reads the head of the answer.
    ///
    /// - Parameter patience: How long each step may take, in ms.
    /// - Throws: ``NoDaemon`` if no daemon listens on the socket, ``OperationError`` if one does and does not answer in time,
    ///   or if what answers isn't our daemon.
    init(
        socketPath: String,
        _ method: String,
        _ target: String,
        headers: [(String, String)] = [],
        body: String = "",
        patience: Int = DaemonConnection.patience
    ) throws {
        let socket = try Self.connect(to: socketPath, patience: patience)
        do {
            let fields = headers + [("Host", "np"), ("Connection", "close"), ("Content-Length", "\(body.utf8.count)")]
            let head = "\(method) \(target) HTTP/1.1\r\n" + fields.map { "\($0): \($1)\r\n" }.joined() + "\r\n"
            try Self.send(Array((head + body).utf8), to: socket)
            let answer = try Self.readHead(from: socket)
            (self.socket, status, unread) = (socket, answer.status, answer.rest)
            isChunked = answer.fields["transfer-encoding"]?.lowercased() == "chunked"
            remaining = answer.fields["content-length"].flatMap { Int($0) }.flatMap { $0 < 0 ? nil : $0 }
        } catch {
            close(socket)
            throw error
        }
    }

    deinit {
        close(socket)
    }

    /// The process that listens on the socket, as the kernel says; `nil` if it cannot be seen from here.
    var listener: Int32? { Self.listener(of: socket) }

    private static func listener(of socket: Int32) -> Int32? {
        #if os(Linux)
        // `struct ucred`, which Glibc's module doesn't show.
        var credentials: (pid: Int32, user: UInt32, group: UInt32) = (0, 0, 0)
        var size = socklen_t(MemoryLayout.size(ofValue: credentials))
        let result = getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size)
        return result == 0 && credentials.pid > 1 ? credentials.pid : nil
        #else
        var pid: pid_t = 0
        var size = socklen_t(MemoryLayout<pid_t>.size)
        let result = getsockopt(socket, SOL_LOCAL, LOCAL_PEERPID, &pid, &size)
        return result == 0 && pid > 1 ? pid : nil
        #endif
    }

    /// Lets the rest of the answer take as long as it takes.
    func waitWithoutLimit() { Self.limit(socket, to: 0) }

    /// Waits until there is something to read.
    ///
    /// - Throws: ``OutputClosed`` if whoever reads from the descriptor `output` goes meanwhile.
    func wait(whileSomebodyReads output: Int32) throws {
        guard unread.isEmpty else { return }
        var descriptors = [
            pollfd(fd: socket, events: Int16(POLLIN), revents: 0), pollfd(fd: output, events: 0, revents: 0),
        ]
        while poll(&descriptors, nfds_t(descriptors.count), -1) < 0, errno == EINTR {}
        if descriptors[1].revents & Int16(POLLERR | POLLHUP | POLLNVAL) != 0 { throw OutputClosed() }
    }

    /// The next bytes of the body; `nil` at its end.
    mutating func next() throws -> [UInt8]? {
        if isChunked, remaining ?? 0 == 0 {
            guard let size = try readChunkSize(), size > 0 else { return nil }
            remaining = size
        }
        if remaining == 0 { return nil }
        if unread.isEmpty, try !fill() { return nil }
        let count = min(unread.count, remaining ?? .max)
        let bytes = Array(unread[..<count])
        unread.removeFirst(count)
        if let left = remaining {
            remaining = left - count
            if isChunked, left == count { _ = try readLine() }  // the line break behind a chunk
        }
        return bytes
    }

    /// The whole body.
    mutating func body() throws -> String {
        var body: [UInt8] = []
        while let bytes = try next() { body += bytes }
        return String(decoding: body, as: UTF8.self)
    }

    private mutating func readChunkSize() throws -> Int? {
        guard let line = try readLine() else { return nil }
        return Int(line.prefix { $0.isHexDigit }, radix: 16)
    }

    private mutating func readLine() throws -> String? {
        while true {
            if let end = unread.firstIndex(of: 0x0a) {
                defer { unread.removeFirst(end + 1) }
                return String(decoding: unread[..<end].filter { $0 != 0x0d }, as: UTF8.self)
            }
            guard unread.count < Self.longestLine, try fill() else { return nil }
        }
    }

    private mutating func fill() throws -> Bool {
        let bytes = try Self.receive(from: socket)
        unread += bytes
        return !bytes.isEmpty
    }
}

extension DaemonConnection {
    private static func connect(to path: String, patience: Int) throws -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw OperationError(.failed, "the path of the daemon's socket is too long: \(path)")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let socket = makeStreamSocket()
        guard socket >= 0 else { throw OperationError(.failed, "cannot make a socket: \(SystemError(code: errno))") }
        _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
        limit(socket, to: patience)
        let result = withUnsafePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                systemConnect(socket, address, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else {
            let code = errno
            close(socket)
            if [ENOENT, ECONNREFUSED, ENOTDIR].contains(code) { throw NoDaemon() }
            if code == EAGAIN { throw noAnswer(of: nil) }
            throw OperationError(.failed, "cannot reach the daemon on \(path): \(SystemError(code: code))")
        }
        return socket
    }

    /// Sets how long each step may take, in ms; 0: as long as it takes.
    private static func limit(_ socket: Int32, to patience: Int) {
        var time = timeval(tv_sec: .init(patience / 1_000), tv_usec: .init(patience % 1_000 * 1_000))
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(socket, SOL_SOCKET, option, &time, socklen_t(MemoryLayout<timeval>.size))
        }
    }

    /// Why nothing comes of a daemon that is there.
    private static func noAnswer(of pid: Int32?) -> OperationError {
        guard let pid else {
            return OperationError(
                .timedOut,
                "the daemon does not answer, and too many clients wait for it already",
                hint: "see which process it is, and end it: pgrep -a np-daemon"
            )
        }
        return OperationError(
            .timedOut,
            "the daemon, pid \(pid), does not answer",
            hint: "kill -9 \(pid) ends it; kill -CONT \(pid) lets one that was stopped go on"
        )
    }

    private static func send(_ bytes: [UInt8], to socket: Int32) throws {
        do throws(SystemError) {
            try RealFileSystem().writeAll(bytes, to: socket)
        } catch {
            throw error.code == EAGAIN ? noAnswer(of: listener(of: socket)) : error
        }
    }

    private static func receive(from socket: Int32) throws -> [UInt8] {
        let fileSystem = RealFileSystem()
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        do {
            let count = try buffer.withUnsafeMutableBytes { buffer in
                try repeatingInterrupted { () throws(SystemError) in try fileSystem.read(socket, buffer) }
            }
            return Array(buffer[..<count])
        } catch let error as SystemError where error.code == EAGAIN {
            throw noAnswer(of: listener(of: socket))
        }
    }

    /// Reads status line and header fields, whose names are turned to lower case.
    private static func readHead(
        from socket: Int32
    ) throws -> (status: Int, fields: [String: String], rest: [UInt8]) {
        var bytes: [UInt8] = []
        var searched = 0
        while true {
            if let end = endOfHead(bytes, from: searched) {
                let lines = String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\r\n")
                let words = lines.first?.split(separator: " ") ?? []
                guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else { break }
                var fields: [String: String] = [:]
                for line in lines.dropFirst() {
                    let parts = line.split(separator: ":", maxSplits: 1)
                    if parts.count == 2 { fields[parts[0].lowercased()] = String(parts[1].drop { $0 == " " }) }
                }
                return (status, fields, Array(bytes[end...]))
            }
            let more = try receive(from: socket)
            guard !more.isEmpty, bytes.count < longestLine else { break }
            searched = bytes.count
            bytes += more
        }
        throw OperationError(.failed, "what answers on the daemon's socket is not the daemon")
    }

    private static func endOfHead(_ bytes: [UInt8], from searched: Int) -> Int? {
        guard bytes.count >= 4 else { return nil }
        return (max(4, searched)...bytes.count).first { bytes[($0 - 4)..<$0] == [0x0d, 0x0a, 0x0d, 0x0a] }
    }
}

private func makeStreamSocket() -> Int32 {
    #if canImport(Glibc)
    socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    #else
    socket(AF_UNIX, SOCK_STREAM, 0)
    #endif
}

private func systemConnect(_ socket: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t) -> Int32 {
    connect(socket, address, length)
}
