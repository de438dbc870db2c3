import NeuraphageEvents
import NeuraphagePlatform
import NeuraphagePresentation
import NeuraphageRequests

/// The lines of standard input, as many at a time as have arrived.
struct StandardInputLines {
    private let files: any FileSystem
    private var buffer = [UInt8](repeating: 0, count: 1 << 18)
    private var lines = SubmittedLines()
    private var isAtEnd = false

    init(_ files: any FileSystem) {
        self.files = files
    }

    /// The lines that have arrived, at least a part of one, each `nil` if it is longer than ``InputLimits/lineBytes``;
    /// `nil` at the end.
    mutating func next() throws(OperationError) -> [[UInt8]?]? {
        guard !isAtEnd else { return nil }
        let count = try read()
        var arrived: [[UInt8]?] = []
        if count > 0 {
            buffer.withUnsafeBytes { bytes in
                lines.add(UnsafeRawBufferPointer(rebasing: bytes[..<count])) { arrived.append($0) }
            }
            return arrived
        }
        isAtEnd = true
        lines.end { arrived.append($0) }
        return arrived.isEmpty ? nil : arrived
    }

    private mutating func read() throws(OperationError) -> Int {
        let files = files
        let result = buffer.withUnsafeMutableBytes { buffer -> Result<Int, SystemError> in
            do throws(SystemError) {
                return .success(
                    try repeatingInterrupted { () throws(SystemError) in try files.read(STDIN_FILENO, buffer) }
                )
            } catch {
                return .failure(error)
            }
        }
        switch result {
        case .success(let count): return count
        case .failure(let error): throw OperationError(.files, "cannot read standard input: \(error)")
        }
    }
}
