#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The program that runs.
enum OwnExecutable {
    /// Its path.
    static let path: String = {
        #if os(Linux)
        var path = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &path, path.count)
        return count > 0 ? String(decoding: path[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) : fallback
        #else
        return fallback
        #endif
    }()

    private static var fallback: String { CommandLine.arguments[0] }
}
