/// A line of a log that is not an event.
public struct SkippedLine: Hashable, Sendable, CustomStringConvertible {
    /// The file it stands in.
    public let file: String
    /// Its number in the file, counted from 1.
    public package(set) var number: Int?
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

    /// Counts the lines before those of `file` whose number isn't known, because the file was read from its end.
    mutating func number(in file: borrowing LineInput) throws {
        let name = file.source.name
        let unnumbered = kept.indices.filter { kept[$0].file == name && kept[$0].number == nil }
        var offsets = unnumbered.map { kept[$0].offset }.sorted()[...]
        guard let last = offsets.last else { return }
        var numbers: [Int64: Int] = [:]
        var lines = ForwardLines()
        try lines.forEach(in: file, upTo: last) { position, _ in
            if position.offset == offsets.first {
                numbers[position.offset] = position.number
                offsets.removeFirst()
            }
            return true
        }
        numbers[last] = lines.linesBefore + 1
        for index in unnumbered { kept[index].number = numbers[kept[index].offset] }
    }
}
