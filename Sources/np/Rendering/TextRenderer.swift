// The format for people: TIME  KIND  SOURCE  → REST (spec, "Example Output"). One event is one line.

import NeuraphageEvents
import NeuraphagePresentation

struct TextRenderer: EventRenderer {
    let style: Style
    let clock: DisplayClock

    func render(_ event: Event, line: Span<UInt8>, into output: inout [UInt8]) {
        let kind = event.kind.description.visible
        let source = event.source?.description.visible ?? ""
        let rest = rest(of: event)
        output.append(contentsOf: style.dim(clock.text(of: event.timestamp)).utf8)
        output.append(contentsOf: "  ".utf8)
        output.append(contentsOf: style.kind(event.kind, kind).utf8)
        output.append(contentsOf: kind.padding(to: 15).utf8)
        output.append(contentsOf: "  \(source)\(source.padding(to: 9))  →".utf8)
        if !rest.isEmpty { output.append(contentsOf: " \(rest)".utf8) }
        output.append(UInt8(ascii: "\n"))
    }

    private func rest(of event: Event) -> String {
        let summary = event.summary.visible
        guard let target = event.target?.description.visible else { return summary }
        return summary.isEmpty ? target : "\(target) (\(summary))"
    }
}

extension String {
    /// The spaces that fill this up to `width` characters.
    fileprivate func padding(to width: Int) -> String {
        String(repeating: " ", count: max(0, width - count))
    }
}
