import NeuraphageEvents
import NeuraphagePresentation

/// One canonical JSON object a line.
///
/// On a terminal, characters that it would act on are written as escapes, which changes nothing of what the JSON says.
struct JSONRenderer: EventRenderer {
    let isTerminal: Bool

    func render(_ event: Event, line: Span<UInt8>, into output: inout [UInt8]) {
        if isTerminal {
            output.append(contentsOf: event.description.visibleJSON.utf8)
        } else {
            event.encode(into: &output)
        }
        output.append(UInt8(ascii: "\n"))
    }
}

/// The bytes as they stand in the file; on a terminal, what it would act on is shown as escapes.
struct RawRenderer: EventRenderer {
    let isTerminal: Bool

    func render(_ event: Event, line: Span<UInt8>, into output: inout [UInt8]) {
        line.withUnsafeBufferPointer { line in
            if isTerminal {
                output.append(contentsOf: String(decoding: line, as: UTF8.self).visibleJSON.utf8)
            } else {
                output.append(contentsOf: line)
            }
        }
        output.append(UInt8(ascii: "\n"))
    }
}
