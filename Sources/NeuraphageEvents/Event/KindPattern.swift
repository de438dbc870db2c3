// Which kinds are wanted: some, or all whose name matches a pattern.

/// A set of kinds.
package struct KindPattern: Hashable, Sendable {
    private enum Form: Hashable {
        case kinds(Set<EventKind>)
        /// Custom kinds by name.
        case custom(Glob)
        /// Named and unknown kinds by their folded name.
        case name(Glob)
    }

    private let form: Form

    private init(form: Form) {
        self.form = form
    }

    /// Exactly these kinds.
    package init(_ kinds: Set<EventKind>) {
        form = .kinds(kinds)
    }

    /// The custom kinds whose names match a pattern.
    package static func custom(matching pattern: String) -> KindPattern {
        KindPattern(form: .custom(Glob(pattern)))
    }

    /// The kinds whose names match a pattern, however they are spelled; custom kinds are not among them.
    package static func names(matching pattern: String) -> KindPattern {
        KindPattern(form: .name(Glob(folded(pattern))))
    }

    package func matches(_ kind: EventKind) -> Bool {
        switch form {
        case .kinds(let kinds): kinds.contains(kind)
        case .custom(let glob): kind.customName.map { glob.matches($0.description) } ?? false
        case .name(let glob): kind.customName == nil && glob.matches(Self.folded(kind.name))
        }
    }

    /// A kind's name without what its spellings differ in: `TaskStarted`, `task_started` and `task-started` are one.
    package static func folded(_ name: String) -> String {
        name.lowercased().filter { $0 != "_" && $0 != "-" }
    }
}
