// A kind's two spellings in files: ours, and the snake_case that other writers use.

extension EventKind {
    private static let byName: [String: EventKind] = {
        var kinds: [String: EventKind] = [:]
        for kind in named {
            kinds[kind.name] = kind
            kinds[kind.name.snakeCased] = kind
        }
        return kinds
    }()

    /// The kind that a bare name in a file means: `TaskStarted` or `task_started`; any other name is kept as unknown.
    package init(wireName name: String) {
        self = Self.byName[name] ?? .unknown(name)
    }

    func encode(into line: inout [UInt8]) {
        switch self {
        case .custom(let name):
            line.append(contentsOf: #"{"Custom":"#.utf8)
            JSONText.encode(name.description, into: &line)
            line.append(UInt8(ascii: "}"))
        default:
            JSONText.encode(name, into: &line)
        }
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
