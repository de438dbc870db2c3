// Which process it is: a number alone is another process's some day.

package import NeuraphageEvents
import NeuraphagePlatform

/// A process, and when it began.
package struct ProcessIdentity: Equatable, Sendable {
    package let id: Int32
    /// In the system's clock ticks since it was started; 0 where that isn't known.
    package let start: UInt64

    package init(id: Int32, start: UInt64) {
        self.id = id
        self.start = start
    }

    /// Whether it still runs.
    package func isAlive(in files: any FileSystem) -> Bool {
        #if os(Linux)
        if start > 0 { return ProcessStatus(of: id, in: files).map { $0.start == start && !$0.hasEnded } ?? false }
        #endif
        return kill(id, 0) == 0 || errno == EPERM
    }

    /// Whether there is no process of this number any more.
    package static func isGone(_ id: Int32) -> Bool {
        kill(id, 0) != 0 && errno == ESRCH
    }

    /// The processes that this one comes from: its parent, the parent of that one, and so on, the nearest first. What one
    /// of them waits for may be the end of this process.
    package static func ancestors(in files: any FileSystem) -> [Int32] {
        var ids: [Int32] = []
        var next: Int32? = getppid()
        // A number may be another process's meanwhile, so that the way up could become a circle.
        while let id = next, id > 0, !ids.contains(id) {
            ids.append(id)
            next = ProcessStatus(of: id, in: files)?.parent
        }
        return ids
    }
}

/// What the system says of a process: on Linux proc(5).
package struct ProcessStatus {
    package let name: String
    package let parent: Int32
    /// When it began, as ``ProcessIdentity/start`` counts.
    package let start: UInt64
    /// Whether it has ended, or at least its first thread, and its parent has not noticed.
    package let hasEnded: Bool

    /// - Returns: `nil` if there is no such process, or the system doesn't say.
    package init?(of id: Int32, in files: any FileSystem) {
        #if canImport(Darwin)
        var info = proc_bsdinfo()
        let size = Int32(MemoryLayout<proc_bsdinfo>.size)
        guard proc_pidinfo(id, PROC_PIDTBSDINFO, 0, &info, size) == size else { return nil }
        name = withUnsafeBytes(of: &info.pbi_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        parent = Int32(bitPattern: info.pbi_ppid)
        start = 0
        hasEnded = false
        #else
        guard let descriptor = try? files.open("/proc/\(id)/stat", flags: O_RDONLY | O_CLOEXEC, permissions: 0) else {
            return nil
        }
        defer { files.close(descriptor) }
        // The name is in parentheses and may hold any character.
        guard let bytes = try? files.bytes(of: descriptor, atMost: 2_048),
            let first = bytes.firstIndex(of: UInt8(ascii: "(")), let last = bytes.lastIndex(of: UInt8(ascii: ")")),
            first < last
        else { return nil }
        name = String(decoding: bytes[first + 1..<last], as: UTF8.self)
        let fields = bytes[(last + 1)...].split(separator: UInt8(ascii: " ")).map {
            String(decoding: $0, as: UTF8.self)
        }
        // The first of them is the third field.
        guard fields.count > 19, let parent = Int32(fields[1]), let start = UInt64(fields[19]) else {
            return nil
        }
        self.parent = parent
        self.start = start
        hasEnded = fields[0] == "Z"
        #endif
    }
}
