// What is changed in a file, as lines with + and -, and nothing around them: settings hold credentials, and who only
// wants to see what np does need not show those.

import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageSystem

/// The difference between two versions of a file.
struct LineChanges {
    private let old: [String]
    private let new: [String]

    init(from before: FileContents?, to after: FileContents?) {
        old = Self.lines(before)
        new = Self.lines(after)
    }

    /// The lines, each with its number in the file that it stands in.
    var text: [String] {
        let difference = new.difference(from: old)
        let removed = difference.removals.compactMap { change -> (Int, Int, String)? in
            guard case .remove(let offset, let line, _) = change else { return nil }
            return (offset, 0, Self.line("-", offset, line))
        }
        // A line that comes stands where it will stand; what goes is counted as it stands now.
        let gone = difference.removals.map { change -> Int in
            guard case .remove(let offset, _, _) = change else { return 0 }
            return offset
        }
        var added: [(Int, Int, String)] = []
        for (index, change) in difference.insertions.enumerated() {
            guard case .insert(let offset, let line, _) = change else { continue }
            var place = offset - index
            for position in gone where position <= place { place += 1 }
            added.append((place, 1, Self.line("+", offset, line)))
        }
        return (removed + added).enumerated()
            .sorted { ($0.element.0, $0.element.1, $0.offset) < ($1.element.0, $1.element.1, $1.offset) }
            .map(\.element.2)
    }

    private static func line(_ sign: String, _ offset: Int, _ text: String) -> String {
        let number = String(offset + 1)
        return "  " + String(repeating: " ", count: max(0, 4 - number.count)) + number + " \(sign) "
            + text.replacing("\t", with: "    ").visible
    }

    private static func lines(_ contents: FileContents?) -> [String] {
        guard let contents, !contents.bytes.isEmpty else { return [] }
        var lines = contents.bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines.map { line in
            String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)
        }
    }
}
