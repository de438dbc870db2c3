// Which events somebody wants. Pure: the same filter serves the bus, the log and the command line.

/// Which events to take: all conditions must hold, an absent one always does.
package struct EventFilter: Sendable {
    /// A value that must stand somewhere in the payload.
    package struct Condition: Sendable, Hashable {
        package var path: [String]
        package var value: String

        package init(path: [String], value: String) {
            self.path = path
            self.value = value
        }
    }

    /// Any of these; empty: all kinds.
    package var kinds: [KindPattern] { didSet { looksAtPayload = kinds.contains(where: \.looksAtPayload) } }
    /// None of these.
    package var excludedKinds: [KindPattern] = []
    /// Any of these as source or target; empty: all events, those without a task included.
    package var tasks: Set<TaskID>
    /// Not earlier than this.
    package var since: Timestamp?
    /// Not later than this.
    package var until: Timestamp?
    /// A text that a task, the kind or something in the payload contains; upper and lower case differ only if it has
    /// an upper-case letter.
    package var text: String? {
        get { sought?.text }
        set { sought = newValue.map(SoughtText.init) }
    }
    /// Values in the payload, all of which must be as they are here.
    package var conditions: [Condition] = []

    /// Whether a kind is wanted only with a certain payload.
    private var looksAtPayload = false
    private var sought: SoughtText?

    package init(
        kinds: [KindPattern] = [],
        tasks: Set<TaskID> = [],
        since: Timestamp? = nil,
        until: Timestamp? = nil
    ) {
        self.kinds = kinds
        looksAtPayload = kinds.contains(where: \.looksAtPayload)
        self.tasks = tasks
        self.since = since
        self.until = until
    }

    /// Whether every event passes.
    package var isEmpty: Bool {
        kinds.isEmpty && excludedKinds.isEmpty && tasks.isEmpty && since == nil && until == nil && text == nil
            && conditions.isEmpty
    }

    package func matches(_ event: Event) -> Bool {
        matches(kind: event.kind, at: event.timestamp, from: event.source, to: event.target)
            && matchesContent(of: event)
    }

    /// Whether an event with this envelope may match; what is left to check is ``matchesContent(of:)``.
    package func matches(
        kind: EventKind,
        at timestamp: Timestamp,
        from source: @autoclosure () -> TaskID?,
        to target: @autoclosure () -> TaskID?
    ) -> Bool {
        if let since, timestamp < since { return false }
        if let until, timestamp > until { return false }
        if !kinds.isEmpty, !kinds.contains(where: { $0.matches(kind) }) { return false }
        if !excludedKinds.isEmpty, excludedKinds.contains(where: { $0.matches(kind) }) { return false }
        return tasks.isEmpty || source().map(tasks.contains) ?? false || target().map(tasks.contains) ?? false
    }

    /// Whether there is something left to check once the envelope matches.
    var looksAtContent: Bool { looksAtPayload || !conditions.isEmpty || sought != nil }

    package func matchesContent(of event: Event) -> Bool {
        if looksAtPayload, !kinds.contains(where: { $0.matches(event) }) { return false }
        for condition in conditions {
            guard event.payload.value(at: condition.path)?.text == condition.value else { return false }
        }
        guard let sought else { return true }
        if sought.isContained(in: event.kind.description)
            || event.source.map({ sought.isContained(in: $0.description) }) ?? false
            || event.target.map({ sought.isContained(in: $0.description) }) ?? false
        {
            return true
        }
        return sought.isContained(inJSON: event.payload.json) != false
            && event.payload.containsToken(where: sought.isContained)
    }
}
