// Which process it is: a number alone is another process's some day, and means nothing outside of the kernel and the pid
// namespace (a container, a sandbox) that gave it.

package import NeuraphageEvents
import NeuraphagePlatform

/// A process, wherever it was written down.
package struct ProcessIdentity: Hashable, Sendable {
    /// Whether a process still runs.
    package enum Presence: Sendable {
        case alive
        case gone
        /// It cannot be seen from here, so nothing is known of it.
        case unknown
    }

    package let id: Int32
    /// In the system's clock ticks since it was started; 0 where that isn't known.
    package let start: UInt64
    /// The processes among which it has this number; `nil` if a version wrote it down that didn't ask, and took all numbers
    /// for its own.
    package let numbering: ProcessNumbering?

    package init(id: Int32, start: UInt64, numbering: ProcessNumbering?) {
        self.id = id
        self.start = start
        self.numbering = numbering
    }

    /// This process.
    package static func current(in files: any FileSystem) -> ProcessIdentity {
        let id = getpid()
        return ProcessIdentity(id: id, start: ProcessStatus(of: id, in: files)?.start ?? 0, numbering: .here(files))
    }

    /// Whether both are one process, also if a version that didn't ask for the numbering wrote one of them down.
    package func isSame(as other: ProcessIdentity) -> Bool {
        id == other.id && start == other.start
            && (numbering == other.numbering || numbering == nil || other.numbering == nil)
    }

    /// Whether it still runs, as far as that can be seen from here.
    package func presence(in files: any FileSystem) -> Presence {
        let here = ProcessNumbering.here(files)
        let numbering = numbering ?? here
        if numbering.hasEnded(before: here) { return .gone }
        guard numbering == here, here != .unknown else { return .unknown }
        if let status = ProcessStatus(of: id, in: files) {
            let isIt = start == 0 || status.start == 0 || status.start == start
            return isIt && !status.hasEnded ? .alive : .gone
        }
        // Where processes of others are hidden, the kernel still says whether there is one of this number.
        return kill(id, 0) != 0 && errno == ESRCH ? .gone : .unknown
    }

    /// Whether this process comes from it.
    ///
    /// - Parameter ancestors: What ``ancestors(in:upTo:)`` has returned.
    package func isAmong(_ ancestors: [Int32], in files: any FileSystem) -> Bool {
        ancestors.contains(id) && presence(in: files) == .alive
    }

    /// The processes that this one comes from: its parent, the parent of that one, and so on, the nearest first. What one
    /// of them waits for may be the end of this process.
    ///
    /// - Parameter isEnd: Whether a process was started for others as well, so that those before it don't count.
    package static func ancestors(in files: any FileSystem, upTo isEnd: (Int32) -> Bool = { _ in false }) -> [Int32] {
        ProcessStatus.line(from: getppid(), in: files, upTo: isEnd)
    }
}

/// The processes among which a number is one process's: those of one pid namespace of one running kernel.
package struct ProcessNumbering: Hashable, Sendable {
    /// The machine, as far as it says; empty if it doesn't.
    package let machine: String
    /// The id that the kernel has made up when it started.
    package let boot: String
    /// The number of the pid namespace.
    package let namespace: String

    /// Where the system doesn't say.
    package static let unknown = ProcessNumbering(machine: "", boot: "unknown", namespace: "unknown")

    package init(machine: String, boot: String, namespace: String) {
        self.machine = machine
        self.boot = boot
        self.namespace = namespace
    }

    /// Where this process has its number.
    package static func here(_ files: any FileSystem) -> ProcessNumbering {
        #if os(Linux)
        func line(_ path: String) -> String? {
            guard let descriptor = try? files.open(path, flags: O_RDONLY | O_CLOEXEC, permissions: 0) else {
                return nil
            }
            defer { files.close(descriptor) }
            return (try? files.bytes(of: descriptor, atMost: 256)).map { bytes in
                String(decoding: bytes.prefix { $0 > 0x20 }, as: UTF8.self)
            }
        }
        guard let boot = line("/proc/sys/kernel/random/boot_id"), !boot.isEmpty,
            let namespace = try? files.status(at: "/proc/self/ns/pid", followingLinks: true).identity.inode
        else { return .unknown }
        // An image may say something that isn't an id (machine-id(5)).
        let machine = line("/etc/machine-id").flatMap { $0.count == 32 && $0.allSatisfy(\.isHexDigit) ? $0 : nil }
        return ProcessNumbering(machine: machine ?? "", boot: boot, namespace: String(namespace))
        #else
        return ProcessNumbering(machine: "", boot: "", namespace: "")
        #endif
    }

    /// Whether the kernel that gave the numbers has ended, because the same machine runs another one.
    func hasEnded(before here: ProcessNumbering) -> Bool {
        !machine.isEmpty && machine == here.machine && boot != here.boot
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
    /// The device of its terminal, if it has one and the system says so.
    package let terminal: String?

    /// A process, its parent, the parent of that one, and so on, as far as the system says.
    ///
    /// - Parameter isEnd: Whether a process and those before it don't count.
    package static func line(
        from process: Int32,
        in files: any FileSystem,
        upTo isEnd: (Int32) -> Bool = { _ in false }
    ) -> [Int32] {
        var ids: [Int32] = []
        var next: Int32? = process
        // A number may be another process's meanwhile, so that the way up could become a circle.
        while let id = next, id > 0, !ids.contains(id), !isEnd(id) {
            ids.append(id)
            next = ProcessStatus(of: id, in: files)?.parent
        }
        return ids
    }

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
        terminal = nil
        #else
        // The name is in parentheses and may hold any character.
        guard let bytes = Self.bytes(of: "stat", of: id, files),
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
        terminal = UInt32(fields[4]).flatMap(Self.terminal)
        #endif
    }

    #if os(Linux)
    /// The path of a terminal's device by its number (Linux's devices.txt): `/dev/pts/N`, of which there are eight major
    /// numbers, or a console.
    package static func terminal(_ device: UInt32) -> String? {
        let (major, minor) = (device >> 8 & 0xfff, device & 0xff | device >> 12 & 0xfff00)
        switch major {
        case 136...143: return "/dev/pts/\((major - 136) << 8 | minor)"
        case 4 where minor < 64: return "/dev/tty\(minor)"
        default: return nil
        }
    }
    #endif

    /// The words with which a process was started, the first few thousand bytes of them; empty if the system doesn't say.
    package static func words(of id: Int32, in files: any FileSystem) -> [String] {
        #if os(Linux)
        return (bytes(of: "cmdline", of: id, files) ?? []).split(separator: 0).map {
            String(decoding: $0, as: UTF8.self)
        }
        #else
        return []
        #endif
    }

    /// A variable of the environment with which a process was started; `nil` if it had none of that name, or if the system
    /// doesn't show it.
    package static func variable(_ name: String, of id: Int32, in files: any FileSystem) -> String? {
        #if os(Linux)
        let start = Array("\(name)=".utf8)
        let variables = (bytes(of: "environ", of: id, files, atMost: 1 << 20) ?? []).split(separator: 0)
        return variables.first { $0.starts(with: start) }.map {
            String(decoding: $0.dropFirst(start.count), as: UTF8.self)
        }
        #else
        return nil
        #endif
    }

    #if os(Linux)
    private static func bytes(
        of file: String,
        of id: Int32,
        _ files: any FileSystem,
        atMost most: Int = 4_096
    ) -> [UInt8]? {
        let path = "/proc/\(id)/\(file)"
        guard let descriptor = try? files.open(path, flags: O_RDONLY | O_CLOEXEC, permissions: 0) else { return nil }
        defer { files.close(descriptor) }
        return try? files.bytes(of: descriptor, atMost: most)
    }
    #endif
}
