// Filters from text: what an option of np and a parameter of the daemon's API mean, in one place.

package import NeuraphageEvents
package import NeuraphagePresentation

/// A condition that somebody can put on events, by the name that it has in the daemon's API.
package enum FilterField: String, CaseIterable, Sendable {
    case task, kind, problems, since, until, text
    case condition = "where"

    /// Whether several conditions of this name are alternatives, or all count; of the others there is at most one.
    package var isRepeatable: Bool { self == .task || self == .kind || self == .condition }
}

extension EventFilter {
    /// Adds a condition.
    ///
    /// - Parameters:
    ///   - text: What was typed.
    ///   - moment: What a text means that stands for a moment, as one end of a span of time.
    /// - Throws: ``OperationError`` if the text cannot be meant.
    package mutating func add(
        _ field: FilterField,
        _ text: String,
        moment: (String, TimeExpression.Bound) throws(OperationError) -> Timestamp
    ) throws(OperationError) {
        switch field {
        case .task: tasks.insert(TaskID(asWritten: try Self.notEmpty(text)))
        case .kind where text.hasPrefix("!"): excludedKinds.append(try KindPattern(typed: String(text.dropFirst())))
        case .kind: kinds.append(try KindPattern(typed: text))
        case .problems: if try Bool(typed: text) { kinds.append(.problems) }
        case .since: since = try moment(text, .since)
        case .until: until = try moment(text, .until)
        case .text: self.text = try Self.notEmpty(text)
        case .condition: conditions.append(try Condition(typed: text))
        }
    }

    private static func notEmpty(_ text: String) throws(OperationError) -> String {
        guard !text.isEmpty else { throw OperationError(.usage, "it is empty") }
        return text
    }
}

extension EventFilter.Condition {
    /// The condition that a person writes as `payload.key=value`.
    fileprivate init(typed text: String) throws(OperationError) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let path = parts.first?.split(separator: ".", omittingEmptySubsequences: false).map(String.init) ?? []
        guard parts.count == 2, path.count > 1, path[0] == "payload", !path.contains("") else {
            let example = "payload.key=value, such as payload.branch=main"
            throw OperationError(.usage, "'\(text)' is not of the form \(example)")
        }
        self.init(path: Array(path.dropFirst()), value: String(parts[1]))
    }
}

extension Bool {
    /// A flag as a query has it; without a value it is set.
    package init(typed text: String) throws(OperationError) {
        switch text {
        case "", "1", "true": self = true
        case "0", "false": self = false
        default: throw OperationError(.usage, "'\(text)' is neither true nor false")
        }
    }
}
