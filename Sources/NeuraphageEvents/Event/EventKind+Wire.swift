// A kind's two spellings in files: ours, and the snake_case that other writers use.

extension EventKind {
    /// A name as a few numbers, so that looking it up is comparing numbers.
    private struct WireName: Equatable {
        /// The lengths that a name may have here.
        static let lengths = 8...24

        let length: Int
        /// Its first eight bytes, eight in its middle, and its last eight, which together are all of it.
        let parts: (UInt64, UInt64, UInt64)

        /// `nil` if the name is too short or too long.
        init?(_ bytes: Span<UInt8>) {
            guard Self.lengths.contains(bytes.count) else { return nil }
            func part(_ offset: Int) -> UInt64 {
                bytes.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
            }
            length = bytes.count
            parts = (part(0), part(min(8, bytes.count - 8)), part(bytes.count - 8))
        }

        static func == (left: Self, right: Self) -> Bool { left.length == right.length && left.parts == right.parts }
    }

    /// Both spellings of every named kind.
    private static let wireNames: [(name: WireName, kind: EventKind)] = named.flatMap { kind in
        [kind.name, kind.name.snakeCased].compactMap { name in WireName(Array(name.utf8).span).map { ($0, kind) } }
    }

    /// The kind that a bare name in a file means: `TaskStarted` or `task_started`; any other name is kept as unknown.
    init(wireName name: JSONText.StringRange, _ bytes: Span<UInt8>) {
        if !name.hasEscapes, let sought = WireName(bytes.extracting(name.range)) {
            let names = Self.wireNames
            for index in names.indices where names[index].name == sought {
                self = EventKind(code: names[index].kind.code)
                return
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
