// A kind's two spellings in files: ours, and the snake_case that other writers use.

extension EventKind {
    private struct WireName {
        let text: [UInt8]
        let kind: EventKind
    }

    /// Both spellings of every named kind, those of the same length together.
    private static let byLength: [[WireName]] = {
        let names = named.flatMap { kind in
            [kind.name, kind.name.snakeCased].map { WireName(text: Array($0.utf8), kind: kind) }
        }
        return (0...(names.map(\.text.count).max() ?? 0)).map { length in names.filter { $0.text.count == length } }
    }()

    /// The kind that a bare name in a file means: `TaskStarted` or `task_started`; any other name is kept as unknown.
    init(wireName name: JSONText.StringRange, _ bytes: Span<UInt8>) {
        if !name.hasEscapes, name.range.count < Self.byLength.count {
            for candidate in Self.byLength[name.range.count] {
                if candidate.text.indices.allSatisfy({ candidate.text[$0] == bytes[name.range.lowerBound + $0] }) {
                    self = candidate.kind
                    return
                }
            }
        }
        self = name.hasEscapes ? Self(wireName: JSONText.decode(name, bytes)) : .unknown(JSONText.decode(name, bytes))
    }

    /// The kind that a bare name in a file means: `TaskStarted` or `task_started`; any other name is kept as unknown.
    package init(wireName name: String) {
        var name = name
        self = name.withUTF8 { bytes in
            Self(wireName: JSONText.StringRange(range: 0..<bytes.count, hasEscapes: false), bytes.span)
        }
    }

    func encode(into line: inout [UInt8]) {
        guard let customName else { return JSONText.encode(name, into: &line) }
        line.append(contentsOf: #"{"Custom":"#.utf8)
        JSONText.encode(customName.description, into: &line)
        line.append(UInt8(ascii: "}"))
    }
}

extension String {
    /// `TaskStarted` as `task_started`.
    var snakeCased: String {
        var result = ""
        for character in self {
            if character.isUppercase, !result.isEmpty { result.append("_") }
            result.append(contentsOf: character.lowercased())
        }
        return result
    }
}
