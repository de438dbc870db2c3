/// A line of a log that is not an event.
public struct SkippedLine: Hashable, Sendable, CustomStringConvertible {
    /// The file that it is in.
    public let file: String
    /// Its number in the file, counted from 1; `nil` if the file was not read from its beginning.
    public let number: Int?
    /// The offset of its first byte in the file.
    public let offset: Int64
    /// Why it is not an event.
    public let reason: String

    /// One line for a person: where, and why. May hold text from the path; make it visible before it reaches a terminal.
    public var description: String {
        let line = number.map { "line \($0), " } ?? ""
        return "\(file): \(line)byte \(offset): \(reason)"
    }
}

/// The lines that a scan passed over: all of them counted, the first ones kept.
struct SkippedLines {
    static let mostKept = 100

    private(set) var count = 0
    private(set) var kept: [SkippedLine] = []

    mutating func add(_ position: LinePosition, in file: String, because reason: String) {
        count += 1
        guard kept.count < Self.mostKept else { return }
        kept.append(SkippedLine(file: file, number: position.number, offset: position.offset, reason: reason))
    }
}
