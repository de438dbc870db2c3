// What a process has started: the commands of an agent are children of its process, and when one began shows when the agent
// has gone on.

package import NeuraphageEvents
import NeuraphagePlatform

/// A process that another one has started.
package struct ProcessChild: Hashable, Sendable {
    package let id: Int32
    /// When it began, in ms of the clock ``BootClock``.
    package let start: Int64

    package init(id: Int32, start: Int64) {
        self.id = id
        self.start = start
    }

    /// Those that run. None where the system doesn't show them.
    package static func all(of id: Int32, in files: any FileSystem) -> [ProcessChild] {
        #if os(Linux)
        let threads = (try? files.names(in: "/proc/\(id)/task")) ?? []
        let ids = threads.flatMap { thread in children("/proc/\(id)/task/\(thread)/children", files) }
        return ids.compactMap { id in
            guard let status = ProcessStatus(of: id, in: files), !status.hasEnded else { return nil }
            return ProcessChild(id: id, start: BootClock.milliseconds(ticks: status.start))
        }
        #else
        return []
        #endif
    }

    #if os(Linux)
    private static func children(_ path: String, _ files: any FileSystem) -> [Int32] {
        guard let descriptor = try? files.open(path, flags: O_RDONLY | O_CLOEXEC, permissions: 0) else { return [] }
        defer { files.close(descriptor) }
        let bytes = (try? files.bytes(of: descriptor, atMost: 16_384)) ?? []
        return bytes.split(separator: UInt8(ascii: " ")).compactMap { Int32(String(decoding: $0, as: UTF8.self)) }
    }
    #endif
}

/// The time since the system was started, in which it tells when processes began.
package enum BootClock {
    /// Now, in ms; 0 where there is no such clock.
    package static var now: Int64 {
        #if os(Linux)
        var time = timespec()
        guard clock_gettime(CLOCK_BOOTTIME, &time) == 0 else { return 0 }
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
        #else
        return 0
        #endif
    }

    /// When this process began, in ms.
    package static func startOfThisProcess(in files: any FileSystem) -> Int64 {
        #if os(Linux)
        return ProcessStatus(of: getpid(), in: files).map { milliseconds(ticks: $0.start) } ?? now
        #else
        return 0
        #endif
    }

    #if os(Linux)
    fileprivate static func milliseconds(ticks: UInt64) -> Int64 {
        let frequency = UInt64(max(1, sysconf(Int32(_SC_CLK_TCK))))
        return Int64(clamping: ticks.saturatingTimes(1_000) / frequency)
    }
    #endif
}
