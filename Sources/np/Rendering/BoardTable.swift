// The table of the tasks: columns as wide as need be, those left out that say nothing, and all of it in the width there is.

import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageStatus

struct BoardTable {
    /// A column before the last one, which takes what is left.
    private struct Column {
        let name: String
        let cells: [String]
        let isRight: Bool
        /// As wide as the widest cell, or what that is cut to.
        var width: Int

        init(_ name: String, _ cells: [String], isRight: Bool = false) {
            (self.name, self.cells, self.isRight) = (name, cells, isRight)
            width = max(name.cells, cells.lazy.map(\.cells).max() ?? 0)
        }

        var isEmpty: Bool { cells.allSatisfy(\.isEmpty) }
    }

    /// How narrow the last column and a name may become before columns are left out.
    private static let least = (detail: 20, name: 12, anyDetail: 8)

    private let rows: [BoardRow]
    private var details: [StyledLine]
    private let mark: Column
    private var columns: [Column]
    /// Of the columns, those that are left out first.
    private static let spare = ["UNREAD", "BEHIND", "REPO"]
    private var gap = 2

    /// - Parameters:
    ///   - isNumbered: Whether each line begins with its number.
    ///   - names: What people call each repository, if the tasks are of several.
    init(_ rows: [BoardRow], numbered isNumbered: Bool, repositories names: [String: String], width: Int?) {
        self.rows = rows
        details = rows.map(\.detail)
        let numbers = rows.indices.map { isNumbered ? String($0 + 1) : "" }
        mark = Column("", zip(numbers, rows).map { Self.prefix($0, $1.mark, numbers.last ?? "") })
        columns = [
            Column("TASK", rows.map(\.name.visible)),
            Column("REPO", rows.map { row in row.repository.flatMap { names[$0] }?.visible ?? "" }),
            Column("STATE", rows.map(\.state)),
            Column("FOR", rows.map(\.age), isRight: true),
            Column("BEHIND", rows.map { $0.behind ?? "" }, isRight: true),
            Column("UNREAD", rows.map { $0.unread ?? "" }, isRight: true),
        ]
        columns.removeAll(where: \.isEmpty)
        if let width { fit(width) }
    }

    /// The number, right-aligned, and the mark.
    private static func prefix(_ number: String, _ mark: String, _ last: String) -> String {
        let number = number.padding(to: last.count) + number
        return (number.isEmpty ? "" : number + " ") + mark.padding(to: 2) + mark
    }

    /// Makes room for the last column: names are cut in the middle, gaps become narrow, columns are left out.
    private mutating func fit(_ width: Int) {
        let longest = details.lazy.map(\.cells).max() ?? 0
        if room(in: width) < longest { gap = 1 }
        let wanted = min(Self.least.detail, longest)
        for name in ["REPO", "TASK"] {
            guard let index = columns.firstIndex(where: { $0.name == name }) else { continue }
            let (whole, missing) = (columns[index].width, max(0, wanted - room(in: width)))
            columns[index].width = min(whole, max(Self.least.name, whole - missing))
        }
        for name in Self.spare where room(in: width) < min(wanted, Self.least.anyDetail) {
            columns.removeAll { $0.name == name }
        }
        let room = room(in: width)
        details = rows.map { $0.detail(in: room) }
    }

    /// How many cells are left for the last column.
    private func room(in width: Int) -> Int {
        width - mark.width - 1 - columns.reduce(0) { $0 + $1.width + gap }
    }

    /// The lines, the header first.
    var lines: [StyledLine] {
        var header = StyledLine(mark.name.padding(to: mark.width) + " ")
        for column in columns { append(column.name, of: column, .dim, to: &header) }
        header.append("WHAT", .dim)
        var lines = [header]
        for (index, row) in rows.enumerated() {
            var line = StyledLine()
            line.append(String(mark.cells[index].dropLast(2)), .dim)
            line.append(String(mark.cells[index].suffix(2)), row.look)
            line.append(" ")
            for column in columns { append(column.cells[index], of: column, look(of: column, row), to: &line) }
            line.append(details[index])
            lines.append(line)
            if let remarks = row.remarks {
                var line = StyledLine(String(repeating: " ", count: mark.width + 1))
                line.append(remarks)
                lines.append(line)
            }
        }
        return lines
    }

    private func look(of column: Column, _ row: BoardRow) -> Style.Look {
        switch column.name {
        case "STATE": row.look
        case "TASK": row.look == .urgent ? .bold : row.look == .dim ? .dim : .plain
        default: row.look == .dim ? .dim : .plain
        }
    }

    private func append(_ cell: String, of column: Column, _ look: Style.Look, to line: inout StyledLine) {
        let cell = column.name == "TASK" || column.name == "REPO" ? cell.fittedInTheMiddle(to: column.width) : cell
        let padding = cell.padding(to: column.width)
        if column.isRight { line.append(padding) }
        line.append(cell, look)
        line.append((column.isRight ? "" : padding) + String(repeating: " ", count: gap))
    }
}
