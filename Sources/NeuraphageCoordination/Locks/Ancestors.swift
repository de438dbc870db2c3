// The processes that this one comes from: its parent, the parent of that one, and so on. What one of them waits for may be
// our own end.

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

enum Ancestors {
    /// Their ids, the nearest first.
    static var ids: [Int32] {
        var ids: [Int32] = []
        var next: Int32? = getppid()
        // A number may be another process's meanwhile, so that the way up could become a circle.
        while let id = next, id > 0, !ids.contains(id) {
            ids.append(id)
            next = parent(of: id)
        }
        return ids
    }

    /// The parent of a process; `nil` if that cannot be found out.
    private static func parent(of id: Int32) -> Int32? {
        #if canImport(Darwin)
        var info = proc_bsdinfo()
        let size = Int32(MemoryLayout<proc_bsdinfo>.size)
        guard proc_pidinfo(id, PROC_PIDTBSDINFO, 0, &info, size) == size else { return nil }
        return Int32(bitPattern: info.pbi_ppid)
        #else
        // Files in /proc have no size, so they cannot be read as others are.
        let descriptor = open("/proc/\(id)/status", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        let bytes = [UInt8](unsafeUninitializedCapacity: 4_096) { buffer, count in
            count = max(0, read(descriptor, buffer.baseAddress, buffer.count))
        }
        // The name, in the first line, has no newline in it that isn't escaped.
        let line = bytes.split(separator: UInt8(ascii: "\n")).first { $0.starts(with: "PPid:".utf8) }
        return line?.split(separator: UInt8(ascii: "\t")).last.flatMap { Int32(String(decoding: $0, as: UTF8.self)) }
        #endif
    }
}
