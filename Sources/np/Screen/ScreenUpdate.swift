// What must be written to turn one screenful into another: only the lines that differ, so that nothing flickers.

import NeuraphagePresentation

enum ScreenUpdate {
    /// The bytes that turn a screen with the lines `old` into one with the lines `new`; none if they are the same.
    static func bytes(from old: [String], to new: [String]) -> [UInt8] {
        var text = ""
        for (row, line) in new.enumerated() where row >= old.count || old[row] != line {
            text += "\u{1b}[\(row + 1);1H\(line)\u{1b}[K"
        }
        if new.count < old.count { text += "\u{1b}[\(new.count + 1);1H\u{1b}[J" }
        return Array(text.utf8)
    }

    /// The lines that fit into so many rows; where some don't, the last one says so.
    static func fitting(_ lines: [String], rows: Int) -> [String] {
        guard lines.count > rows, rows > 0 else { return lines }
        return lines.prefix(rows - 1) + ["… and \(lines.count - rows + 1) more lines"]
    }
}
