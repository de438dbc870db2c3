// A projection that shows every mistake of a store: of each task it keeps every event, with its place, and each gap.

import NeuraphageEvents
import NeuraphageProjections

/// What a log has, word for word, by tasks.
struct Transcript: Projection {
    struct Part: ProjectionPart, Equatable {
        var text = ""

        init() {}

        init?(_ bytes: Span<UInt8>) {
            text = bytes.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
        }

        func encode(into bytes: inout [UInt8]) { bytes += text.utf8 }

        var isEmpty: Bool { text.isEmpty }
    }

    static let name = "transcript"
    static let version = 3

    static func apply(_ event: Event, at place: EventPlace, to parts: inout ProjectionParts<Part>) {
        let key = event.source?.description ?? ""
        if event.kind.endsTask {
            parts[key] = nil
        } else {
            parts[key, default: Part()].text += "\(event.id) \(place.segment) \(place.offset)\n"
        }
    }

    static func apply(_ gap: LogCursor.Gap, to parts: inout ProjectionParts<Part>) {
        parts["", default: Part()].text += "\(gap)\n"
    }
}

/// The same by a newer np.
struct NewerTranscript: Projection {
    static let name = Transcript.name
    static let version = Transcript.version + 1

    static func apply(_ event: Event, at place: EventPlace, to parts: inout ProjectionParts<Transcript.Part>) {
        Transcript.apply(event, at: place, to: &parts)
    }

    static func apply(_ gap: LogCursor.Gap, to parts: inout ProjectionParts<Transcript.Part>) {
        Transcript.apply(gap, to: &parts)
    }
}

extension Folded where P.Part == Transcript.Part {
    /// All of it.
    var contents: [String: String] { Dictionary(uniqueKeysWithValues: parts.keys.map { ($0, parts[$0]?.text ?? "") }) }
}
