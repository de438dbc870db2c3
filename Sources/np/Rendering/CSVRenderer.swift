// RFC 4180, for spreadsheets: so no cell may begin a formula, and no cell may break a line.

import NeuraphageEvents
import NeuraphagePresentation

struct CSVRenderer: EventRenderer {
    func renderHeader(into output: inout [UInt8]) {
        output.append(contentsOf: "id,timestamp,kind,source_task,target_task,payload\n".utf8)
    }

    func render(_ event: Event, line: Span<UInt8>, into output: inout [UInt8]) {
        let cells = [
            event.id.description, event.timestamp.description, event.kind.description, event.source?.description ?? "",
            event.target?.description ?? "", event.payload.json,
        ]
        output.append(contentsOf: cells.map(Self.cell).joined(separator: ",").utf8)
        output.append(UInt8(ascii: "\n"))
    }

    /// A cell, quoted if need be. What a spreadsheet would take for a formula, also behind spaces and in its full-width
    /// form, gets an apostrophe in front, which makes it text.
    static func cell(_ content: String) -> String {
        let first = content.unicodeScalars.first { $0 != " " }
        let isFormula = first.map { "=+-@\t\r\n＝＋－＠".unicodeScalars.contains($0) } ?? false
        let text = (isFormula ? "'" : "") + content.visible
        guard text.contains(where: { "\",; ".contains($0) }) || isFormula else { return text }
        return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
