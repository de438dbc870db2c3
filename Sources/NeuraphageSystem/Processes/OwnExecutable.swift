import CNeuraphagePlatform
import NeuraphagePlatform

/// The program that runs.
package enum OwnExecutable {
    /// Its path.
    package static let path: String = {
        #if os(Linux)
        var path = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &path, path.count)
        return count > 0 ? String(decoding: path[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) : fallback
        #else
        return fallback
        #endif
    }()

    /// The path by which it was started.
    private static var fallback: String {
        program_path().map { String(cString: $0) } ?? ProgramWords.text.first ?? ""
    }
}
