import NeuraphagePresentation

/// A table for people: columns as wide as need be, two spaces between them, nothing at the end of a line.
struct TextTable {
    let header: [String]
    var rightAligned: Set<String> = []
    /// Cells that a terminal may show.
    let rows: [[String]]

    /// The lines, the header first.
    var lines: [String] {
        let table = [header] + rows
        let widths = header.indices.map { column in table.map { $0[column].cells }.max() ?? 0 }
        return table.map { row in
            let columns = zip(header, zip(row, widths)).map { name, cell in
                let padding = cell.0.padding(to: cell.1)
                return rightAligned.contains(name) ? padding + cell.0 : cell.0 + padding
            }
            let line = columns.joined(separator: "  ")
            return String(line[..<(line.lastIndex { $0 != " " }.map(line.index(after:)) ?? line.startIndex)])
        }
    }
}
