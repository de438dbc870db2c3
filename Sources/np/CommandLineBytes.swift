#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

extension CommandLine {
    /// Its last words byte by byte: Swift's strings repair what is no UTF-8.
    static func bytes(ofLast count: Int) -> [[UInt8]] {
        let arguments = UnsafeBufferPointer(start: unsafeArgv, count: Int(argc))
        return arguments.suffix(count).compactMap { word in
            word.map { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) }
        }
    }
}
