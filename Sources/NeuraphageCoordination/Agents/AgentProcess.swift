// Which process the agent is, so that somebody can tell later that it is gone. The hook's parent is the agent, or a shell
// that the agent started for it.

import NeuraphageEvents

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A process, and when it began: its number alone is somebody else's some day.
struct AgentProcess: Equatable {
    let id: Int32
    /// In the system's clock ticks since it was started; 0 where that isn't known.
    let start: UInt64

    /// The agent that this process works for.
    static var current: AgentProcess {
        #if os(Linux)
        var id = getppid()
        while let status = Status(of: id) {
            if status.parent <= 1 || !wrappers.contains(status.name) {
                return AgentProcess(id: id, start: status.start)
            }
            id = status.parent
        }
        #endif
        return AgentProcess(id: getppid(), start: 0)
    }

    /// Programs that only start others.
    private static let wrappers: Set<String> = [
        "sh", "bash", "dash", "zsh", "fish", "ksh", "mksh", "ash", "busybox", "env", "timeout", "nice", "nohup",
        "setsid", "stdbuf",
    ]

    /// Whether it still runs.
    var isAlive: Bool {
        #if os(Linux)
        guard start > 0 else { return kill(id, 0) == 0 || errno == EPERM }
        return Status(of: id)?.start == start
        #else
        return kill(id, 0) == 0 || errno == EPERM
        #endif
    }

    #if os(Linux)
    /// What proc(5) says of a process.
    private struct Status {
        let name: String
        let parent: Int32
        let start: UInt64

        init?(of id: Int32) {
            // Files in /proc have no size, so they cannot be read as others are.
            let descriptor = open("/proc/\(id)/stat", O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { return nil }
            defer { close(descriptor) }
            let bytes = [UInt8](unsafeUninitializedCapacity: 2_048) { buffer, count in
                count = max(0, read(descriptor, buffer.baseAddress, buffer.count))
            }
            // The name stands in parentheses and may hold any character.
            guard let first = bytes.firstIndex(of: UInt8(ascii: "(")),
                let last = bytes.lastIndex(of: UInt8(ascii: ")")),
                first < last
            else { return nil }
            name = String(decoding: bytes[first + 1..<last], as: UTF8.self)
            let fields = bytes[(last + 1)...].split(separator: UInt8(ascii: " ")).map {
                String(decoding: $0, as: UTF8.self)
            }
            // The first of them is the third field; a zombie is a process that has ended.
            guard fields.count > 19, fields[0] != "Z", let parent = Int32(fields[1]), let start = UInt64(fields[19])
            else { return nil }
            self.parent = parent
            self.start = start
        }
    }
    #endif
}

extension AgentProcess {
    /// The process as a record has it.
    init?(_ about: Payload) {
        guard let id = about["pid"].flatMap({ Int32($0.text) }), id > 0 else { return nil }
        self.init(id: id, start: about["process_start"].flatMap { UInt64($0.text) } ?? 0)
    }

    var members: [(String, JSONValue)] { [("pid", .integer(id)), ("process_start", .integer(start))] }
}
