// A client as simple as one can be: a socket, a request as text, an answer read to where it says it ends.

import NeuraphageEvents
import NeuraphagePlatform
import TestSupport

/// An answer over HTTP.
struct Reply: Sendable {
    var status: Int
    var fields: [String: String]
    var body = ""

    var lines: [Substring] { body.split(separator: "\n") }
}

/// A connection to the daemon's socket. Its calls block, as long as a test waits at most.
final class Connection: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private let descriptor: Int32
    private let received = Lock<[UInt8]>([])

    init(to path: String) throws {
        #if canImport(Glibc)
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        #else
        let type = SOCK_STREAM
        #endif
        descriptor = socket(AF_UNIX, type, 0)
        var limit = timeval(tv_sec: time_t(patience.components.seconds), tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else { throw Failure(description: "cannot connect: \(SystemError(code: errno))") }
    }

    deinit {
        close(descriptor)
    }

    func send(_ text: String) throws {
        let bytes = Array(text.utf8)
        var sent = 0
        let wait = try OngoingWait("the daemon to receive what a client sends")
        defer { wait.end() }
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { systemSend(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EAGAIN { throw wait.failure }
            guard count > 0 else { throw Failure(description: "cannot send: \(SystemError(code: errno))") }
            sent += count
        }
    }

    /// The next line without its end, or `nil` at the end of what the daemon sends.
    func line() throws -> String? {
        while true {
            let line: String? = received.withLock { bytes in
                guard let newline = bytes.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
                let line = bytes[..<newline]
                let text = String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)
                bytes.removeSubrange(...newline)
                return text
            }
            if let line { return line }
            guard try receive() else { return nil }
        }
    }

    private func bytes(_ count: Int) throws -> [UInt8] {
        while received.withLock({ $0.count < count }) {
            guard try receive() else { throw Failure(description: "the answer ends in the middle") }
        }
        return received.withLock { bytes in
            defer { bytes.removeFirst(count) }
            return Array(bytes.prefix(count))
        }
    }

    /// Whether there is anything to receive now.
    var hasReceived: Bool {
        var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return systemPoll(&poll, 0) > 0
    }

    /// Waits until the daemon has closed the connection, without receiving anything.
    func waitForHangUp() throws {
        let wait = try OngoingWait("the daemon to hang up")
        defer { wait.end() }
        var poll = pollfd(fd: descriptor, events: 0, revents: 0)
        guard systemPoll(&poll, wait.millisecondsLeft) > 0 else { throw wait.failure }
    }

    private func receive() throws -> Bool {
        let wait = try OngoingWait("the daemon to send something, or to hang up")
        defer { wait.end() }
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        let count = systemReceive(descriptor, &chunk, chunk.count)
        if count < 0, errno == EAGAIN { throw wait.failure }
        if count < 0, errno != ECONNRESET { throw Failure(description: "cannot receive: \(SystemError(code: errno))") }
        guard count > 0 else { return false }
        received.withLock { $0.append(contentsOf: chunk.prefix(count)) }
        return true
    }

    /// Sends a request's head.
    func ask(_ method: String, _ target: String, _ fields: [String: String] = [:]) throws {
        let lines = ["\(method) \(target) HTTP/1.1", "Host: np"] + fields.map { "\($0.key): \($0.value)" }
        try send(lines.joined(separator: "\r\n") + "\r\n\r\n")
    }

    /// Receives an answer's head.
    func head() throws -> Reply {
        guard let line = try line(), let status = line.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
        else { throw Failure(description: "there is no answer") }
        return Reply(status: status, fields: try self.fields())
    }

    private func fields() throws -> [String: String] {
        var fields: [String: String] = [:]
        while let line = try line(), !line.isEmpty {
            let parts = line.split(separator: ":", maxSplits: 1).map(String.init)
            if parts.count == 2 { fields[parts[0].lowercased()] = String(parts[1].drop(while: { $0 == " " })) }
        }
        return fields
    }

    /// Receives a whole answer; what its trailer says stands among the fields.
    func reply() throws -> Reply {
        var reply = try head()
        if let length = reply.fields["content-length"].flatMap({ Int($0) }) {
            reply.body = String(decoding: try bytes(length), as: UTF8.self)
        } else if reply.fields["transfer-encoding"] == "chunked" {
            var body: [UInt8] = []
            while let chunk = try chunk() { body += chunk }
            reply.fields.merge(try fields()) { $1 }
            reply.body = String(decoding: body, as: UTF8.self)
        }
        return reply
    }

    /// The next chunk of a chunked body, or `nil` at its end.
    func chunk() throws -> [UInt8]? {
        guard let size = try line().flatMap({ Int($0, radix: 16) }) else { return nil }
        guard size > 0 else { return nil }
        let chunk = try bytes(size)
        _ = try line()
        return chunk
    }
}

private func systemSend(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    send(descriptor, bytes, count, Int32(MSG_NOSIGNAL))
}

private func systemReceive(_ descriptor: Int32, _ bytes: UnsafeMutableRawPointer?, _ count: Int) -> Int {
    recv(descriptor, bytes, count, 0)
}

private func systemPoll(_ descriptor: UnsafeMutablePointer<pollfd>, _ milliseconds: Int32) -> Int32 {
    poll(descriptor, 1, milliseconds)
}
