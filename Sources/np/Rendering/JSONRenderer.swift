import NeuraphageEvents
import NeuraphagePresentation

/// One canonical JSON object a line.
///
/// Halves of surrogate pairs are U+FFFD. On a terminal, characters that it would act on are written as escapes, which
/// changes nothing of what the JSON says.
struct JSONRenderer: EventRenderer {
    let isTerminal: Bool

    func render(_ event: Event, line: Span<UInt8>, into output: inout [UInt8]) {
        let start = output.count
        event.encode(into: &output)
        JSONText.replaceLoneSurrogates(in: &output, from: start)
        if isTerminal {
            let text = String(decoding: output[start...], as: UTF8.self)
            output.replaceSubrange(start..., with: text.visibleJSON.utf8)
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
