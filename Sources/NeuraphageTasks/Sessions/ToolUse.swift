// What is remembered of one use of a tool until the turn ends. Neither what the tool was told nor what it answered: of those
// only files, names of checks, and a number that says no more than that two inputs are the same.

import NeuraphageEvents

/// One use of a tool by an agent.
package struct ToolUse: Hashable, Sendable {
    /// How it went.
    package enum Outcome: String, Sendable {
        case succeeded
        case failed
        /// The tool was not run, because a person, a rule, or the agent itself has refused it.
        case denied
    }

    /// A well-known check that a command has run.
    package struct Check: Hashable, Sendable {
        package enum Outcome: String, Sendable {
            case passed
            case failed
            /// What the command says of it cannot be told from what it says of something else.
            case unknown
        }

        /// Its entry in the list of checks.
        package let name: String
        package let outcome: Outcome

        package init(_ name: String, _ outcome: Outcome) {
            self.name = name
            self.outcome = outcome
        }
    }

    package let name: String
    /// A short hash of the agent's own name for this use; `nil` if it gives it none. Two hooks may tell of one use.
    package var id: String?
    package var outcome: Outcome
    /// The files that it has changed.
    package var files: [String]
    package var checks: [Check]
    /// A hash of its input, if it failed, with which the inputs of this data directory can be compared.
    package var input: String?

    package init(
        _ name: String,
        id: String? = nil,
        _ outcome: Outcome = .succeeded,
        files: [String] = [],
        checks: [Check] = [],
        input: String? = nil
    ) {
        self.name = name
        self.id = id
        self.outcome = outcome
        self.files = files
        self.checks = checks
        self.input = input
    }
}

/// Something that happened in a turn.
package enum TurnFact: Hashable, Sendable {
    case tool(ToolUse)
    /// A person was waited for, in ms.
    case waited(Int)
    case subagent
}

// MARK: - As text

extension TurnFact {
    /// The members of a line about it.
    var members: [(String, JSONValue)] {
        switch self {
        case .tool(let use):
            var members: [(String, JSONValue)] = [
                ("tool", .string(use.name)), ("outcome", .string(use.outcome.rawValue)),
            ]
            if let id = use.id { members.append(("id", .string(id))) }
            if !use.files.isEmpty { members.append(("files", .array(use.files.map { .string($0) }))) }
            if !use.checks.isEmpty {
                let checks = use.checks.flatMap { [JSONValue.string($0.name), .string($0.outcome.rawValue)] }
                members.append(("checks", .array(checks)))
            }
            if let input = use.input { members.append(("input", .string(input))) }
            return members
        case .waited(let milliseconds): return [("waited", .integer(milliseconds))]
        case .subagent: return [("subagent", true)]
        }
    }

    /// Reads what a line says; `nil` if that is nothing that this version knows.
    init?(_ line: Payload) {
        if let name = line.string("tool") {
            guard let outcome = line.string("outcome").flatMap(ToolUse.Outcome.init) else { return nil }
            let checks = line.strings(at: "checks")
            let pairs = stride(from: 0, to: checks.count - 1, by: 2).compactMap { index in
                ToolUse.Check.Outcome(rawValue: checks[index + 1]).map { ToolUse.Check(checks[index], $0) }
            }
            self = .tool(
                ToolUse(
                    name,
                    id: line.string("id"),
                    outcome,
                    files: line.strings(at: "files"),
                    checks: pairs,
                    input: line.string("input")
                )
            )
        } else if let waited = line["waited"].flatMap({ Int($0.text) }) {
            self = .waited(max(0, waited))
        } else if line["subagent"] != nil {
            self = .subagent
        } else {
            return nil
        }
    }
}
