// An event as another program hands it in: what a producer may leave out is filled in, and everything it gives must be
// as this library itself would make it.

package import NeuraphageEvents
package import NeuraphagePresentation

extension Event {
    /// The event in a line that another program submits: the id and the time may be missing, the kind must be one that
    /// exists or a custom one.
    package init(submitted line: Span<UInt8>) throws(OperationError) {
        do {
            let parts = try EventLine(line)
            guard let kind = parts.kind else { throw OperationError(.usage, "\"kind\" is missing") }
            if let name = kind.customName { _ = try CustomName(name.description) }
            if kind.isUnknown { try EventKind(typed: kind.name).checkSubmitted() }
            try kind.checkSubmitted()
            let (fresh, now) = EventIDGenerator.shared.mint()
            let given = parts.eventID(line)
            if let given, let problem = Name.problem(with: given.description, of: "the id") { throw problem }
            self.init(
                id: given ?? fresh,
                kind,
                from: try parts.sourceTask(line).map { try TaskID($0.description) },
                to: try parts.targetTask(line).map { try TaskID($0.description) },
                payload: parts.eventPayload(line),
                timestamp: parts.timestamp ?? now,
                others: parts.others(line)
            )
        } catch {
            throw OperationError(.usage, "\(error)")
        }
    }
}
