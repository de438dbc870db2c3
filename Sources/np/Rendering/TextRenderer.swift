// The format for people: TIME  KIND  SOURCE  → REST (spec, "Example Output"). One event is one line, and the columns are
// aligned.
//
// How wide a column has to be is known only when the last event is, and a log may be larger than memory. So the first events
// are held back, as many as a person looks at together, and decide; a wider name that comes later widens its column from there
// on. A column never becomes narrower, and never narrower than in the spec.

import NeuraphageEvents
import NeuraphagePresentation

struct TextRenderer: EventRenderer {
    /// How many events are held back at most.
    private static let mostHeldBack = 1_000
    /// How many bytes of them.
    private static let mostBytesHeldBack = 1 << 20
    /// A name that is wider is none that np takes, and widens no column.
    private static let greatestWidth = 128

    private struct Row {
        let id: String
        let time: String
        let kind: String
        let coloredKind: String
        let source: String
        let rest: String

        var bytes: Int { id.utf8.count + time.utf8.count + kind.utf8.count + source.utf8.count + rest.utf8.count }
    }

    private let style: Style
    private let clock: DisplayClock
    private let showsIDs: Bool
    private var kindWidth = 15
    private var sourceWidth = 9
    private var heldBack: [Row] = []
    private var bytesHeldBack = 0
    private var isSettled = false

    init(style: Style, clock: DisplayClock, showsIDs: Bool = false) {
        self.style = style
        self.clock = clock
        self.showsIDs = showsIDs
    }

    mutating func render(_ event: Event, line: Span<UInt8>, into output: inout [UInt8]) {
        let kind = event.kind.shownName.visible
        let row = Row(
            id: showsIDs ? event.id.description.visible + "  " : "",
            time: clock.text(of: event.timestamp),
            kind: kind,
            coloredKind: style.kind(of: event, kind),
            source: event.source?.description.visible ?? "",
            rest: rest(of: event)
        )
        widen(&kindWidth, row.kind)
        widen(&sourceWidth, row.source)
        if isSettled {
            write(row, into: &output)
            return
        }
        heldBack.append(row)
        bytesHeldBack += row.bytes
        if heldBack.count >= Self.mostHeldBack || bytesHeldBack >= Self.mostBytesHeldBack { settle(into: &output) }
    }

    mutating func settle(into output: inout [UInt8]) {
        isSettled = true
        for row in heldBack { write(row, into: &output) }
        heldBack = []
    }

    private func widen(_ width: inout Int, _ name: String) {
        let cells = name.cells
        if cells > width, cells <= Self.greatestWidth { width = cells }
    }

    private func write(_ row: Row, into output: inout [UInt8]) {
        output.append(contentsOf: style.dim(row.id + row.time).utf8)
        output.append(contentsOf: "  ".utf8)
        output.append(contentsOf: row.coloredKind.utf8)
        output.append(contentsOf: row.kind.padding(to: kindWidth).utf8)
        output.append(contentsOf: "  \(row.source)\(row.source.padding(to: sourceWidth))  →".utf8)
        if !row.rest.isEmpty { output.append(contentsOf: " \(row.rest)".utf8) }
        output.append(UInt8(ascii: "\n"))
    }

    private func rest(of event: Event) -> String {
        let summary = event.summary.visible
        guard let target = event.target?.description.visible else { return summary }
        return summary.isEmpty ? target : "\(target) (\(summary))"
    }
}
