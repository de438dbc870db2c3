// What a person may type for a kind: its name in any spelling, the beginning of it, a glob, custom:NAME.

/// A set of kinds, as a person names it.
package struct KindPattern: Hashable, Sendable {
    /// Why a text names no kind, with the kinds that were perhaps meant.
    package struct Mistake: Error, Hashable, CustomStringConvertible {
        package let text: String
        package let nearest: [String]

        package var description: String {
            let hint =
                nearest.isEmpty
                ? "kinds are \(EventKind.named.map(\.name).joined(separator: ", ")), or custom:NAME"
                : "did you mean \(nearest.joined(separator: " or "))?"
            return "no kind is called '\(text)'; \(hint)"
        }
    }

    /// Custom kinds that nobody had to define, because np logs them.
    private static let customKindsOfNP: [EventKind] = [
        .custom("AgentSessionStarted"), .custom("AgentSessionEnded"), .custom("AgentTurnStarted"),
        .custom("AgentTurnEnded"), .custom("NotificationRead"), .custom("RunStarted"), .custom("RunEnded"),
        .custom("LogGap"), .custom("LogResumed"),
    ]

    private enum Form: Hashable {
        case kinds(Set<EventKind>)
        /// Custom kinds by name.
        case custom(Glob)
        /// Named and unknown kinds by their folded name.
        case name(Glob)
    }

    private let form: Form

    /// The kinds that `text` means: a name (`TaskStarted`, `taskstarted`, `task_started`), the beginning of names
    /// (`rebase`), a glob (`Task*`), or `custom:NAME`, where NAME may be a glob as well.
    package init(_ text: String) throws(Mistake) {
        if text.lowercased().hasPrefix("custom:") {
            form = .custom(Glob(String(text.dropFirst("custom:".count))))
            return
        }
        if text.contains("*") || text.contains("?") {
            form = .name(Glob(Self.folded(text)))
            return
        }
        let wanted = Self.folded(text)
        let exact = EventKind.named.filter { Self.folded($0.name) == wanted }
        let beginning = EventKind.named.filter { !wanted.isEmpty && Self.folded($0.name).hasPrefix(wanted) }
        let found = exact.isEmpty ? beginning : exact
        guard !found.isEmpty else { throw Mistake(text: text, nearest: Self.nearest(to: text)) }
        form = .kinds(Set(found))
    }

    /// Exactly these kinds.
    package init(_ kinds: Set<EventKind>) {
        form = .kinds(kinds)
    }

    package func matches(_ kind: EventKind) -> Bool {
        switch (form, kind) {
        case (.kinds(let kinds), _): kinds.contains(kind)
        case (.custom(let glob), .custom(let name)): glob.matches(name.description)
        case (.custom, _), (.name, .custom): false
        case (.name(let glob), _): glob.matches(Self.folded(kind.name))
        }
    }

    /// The one kind that `text` names, in any spelling; not a prefix and not a glob.
    package static func kind(named text: String) throws -> EventKind {
        if text.lowercased().hasPrefix("custom:") {
            return .custom(try CustomName(String(text.dropFirst("custom:".count))))
        }
        let wanted = folded(text)
        guard let kind = EventKind.named.first(where: { folded($0.name) == wanted }) else {
            throw Mistake(text: text, nearest: nearest(to: text))
        }
        return kind
    }

    /// The name without what spellings differ in.
    private static func folded(_ name: String) -> String {
        name.lowercased().filter { $0 != "_" && $0 != "-" }
    }

    /// At most three names that `text` may have been meant to be, the likeliest first.
    private static func nearest(to text: String) -> [String] {
        let wanted = folded(text)
        let candidates = (EventKind.named + customKindsOfNP).map { kind in
            (name: kind.description, distance: distance(wanted, folded(kind.name)))
        }
        let near = candidates.filter { $0.distance <= max(2, wanted.count / 3) }
        let least = near.map(\.distance).min() ?? 0
        return near.filter { $0.distance <= least + 1 }.sorted { $0.distance < $1.distance }.prefix(3).map(\.name)
    }

    /// How far `wanted` is from `name`, or from its beginning.
    private static func distance(_ wanted: String, _ name: String) -> Int {
        if wanted.count >= 4, name.contains(wanted) { return 1 }
        let beginnings = (wanted.count - 1...wanted.count + 1).filter { 3..<name.count ~= $0 }
        let fromBeginnings = beginnings.map { editDistance(wanted, String(name.prefix($0))) }
        return min(editDistance(wanted, name), (fromBeginnings.min() ?? .max / 2) + 1)
    }
}

/// How many letters must be inserted, removed or replaced, or neighbours swapped, to turn one text into the other.
package func editDistance(_ first: String, _ second: String) -> Int {
    let (first, second) = (Array(first), Array(second))
    var rows = [Array(0...second.count)]
    for row in 0..<first.count {
        var current = [row + 1]
        for column in 0..<second.count {
            var least = min(
                rows[row][column] + (first[row] == second[column] ? 0 : 1),
                rows[row][column + 1] + 1,
                current[column] + 1
            )
            if row > 0, column > 0, first[row] == second[column - 1], first[row - 1] == second[column] {
                least = min(least, rows[row - 1][column - 1] + 1)
            }
            current.append(least)
        }
        rows.append(current)
    }
    return rows[first.count][second.count]
}
