// Which kinds are wanted: some, or all whose name matches a pattern, or those that tell of trouble.

/// A set of kinds, or of events of some kinds.
package struct KindPattern: Hashable, Sendable {
    private enum Form: Hashable {
        case kinds(Set<EventKind>)
        /// Custom kinds by name.
        case custom(Glob)
        /// Kinds of np and unknown kinds by their folded name, with those that are known already.
        case name(Glob, known: Set<EventKind>)
        /// Events that tell of trouble.
        case problems
    }

    private let form: Form
    /// Those of the vocabulary that are among these: a bit for each.
    private let named: UInt64

    private init(form: Form) {
        self.form = form
        named = EventKind.named.reduce(0) { bits, kind in
            Self.matches(kind, form) ? bits | 1 << UInt64(kind.code) : bits
        }
    }

    /// Exactly these kinds.
    package init(_ kinds: Set<EventKind>) {
        self.init(form: .kinds(kinds))
    }

    /// The events that tell of trouble.
    package static let problems = KindPattern(form: .problems)

    /// The custom kinds whose names match a pattern.
    package static func custom(matching pattern: String) -> KindPattern {
        KindPattern(form: .custom(Glob(pattern)))
    }

    /// The kinds whose names match a pattern, however they are spelled; of the custom kinds, those that np itself logs.
    package static func names(matching pattern: String) -> KindPattern {
        let glob = Glob(folded(pattern))
        return KindPattern(form: .name(glob, known: Set(EventKind.known.filter { glob.matches(folded($0.name)) })))
    }

    /// Whether events of a kind may be among these.
    package func matches(_ kind: EventKind) -> Bool {
        kind.isNamed ? named >> UInt64(kind.code) & 1 == 1 : Self.matches(kind, form)
    }

    private static func matches(_ kind: EventKind, _ form: Form) -> Bool {
        switch form {
        case .kinds(let kinds): kinds.contains(kind)
        case .custom(let glob): kind.customName.map { glob.matches($0.description) } ?? false
        case .name(let glob, let known):
            known.contains(kind)
                || (kind.isUnknown || kind.isReserved) && glob.matches(folded(kind.name))
        case .problems: Problem.kinds.contains(kind)
        }
    }

    /// Whether an event is among these.
    package func matches(_ event: Event) -> Bool {
        form == .problems ? Problem.isOne(event) : matches(event.kind)
    }

    /// Whether the payload has a say in it.
    var looksAtPayload: Bool { form == .problems }

    /// A kind's name without what its spellings differ in: `TaskStarted`, `task_started` and `task-started` are one.
    package static func folded(_ name: String) -> String {
        name.lowercased().filter { $0 != "_" && $0 != "-" }
    }
}
