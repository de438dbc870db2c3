// What a person may type for a kind: its name in any spelling, the beginning of it, a glob, custom:NAME.

package import NeuraphageEvents
package import NeuraphagePresentation

extension KindPattern {
    /// The kinds that `text` means: a name (`TaskStarted`, `taskstarted`, `task_started`), the beginning of names
    /// (`rebase`, `agent`), a glob (`Task*`), `custom:NAME`, where NAME may be a glob as well, or `custom` for all of these.
    package init(typed text: String) throws(OperationError) {
        if text.lowercased().hasPrefix("custom:") {
            self = .custom(matching: String(text.dropFirst("custom:".count)))
            return
        }
        if text.contains("*") || text.contains("?") {
            self = .names(matching: text)
            return
        }
        let wanted = Self.folded(text)
        let exact = EventKind.known.filter { Self.folded($0.name) == wanted }
        if !exact.isEmpty {
            self.init(Set(exact))
        } else if wanted == "custom" {
            self = .custom(matching: "*")
        } else if !wanted.isEmpty, EventKind.known.contains(where: { Self.folded($0.name).hasPrefix(wanted) }) {
            self = .names(matching: wanted + "*")
        } else {
            throw EventKind.unknownName(text)
        }
    }

    /// Whether np knows a kind that is meant. If it does not, only a log can have one.
    package var isOfKnownKinds: Bool { EventKind.known.contains(where: matches) }
}

extension EventKind {
    /// The one kind that `text` names, in any spelling; not a prefix and not a glob.
    package init(typed text: String) throws(OperationError) {
        if text.lowercased().hasPrefix("custom:") {
            do throws(NameError) {
                self = .custom(try CustomName(String(text.dropFirst("custom:".count))))
            } catch {
                throw OperationError(.usage, error.description)
            }
            return
        }
        let wanted = KindPattern.folded(text)
        guard let kind = Self.known.first(where: { KindPattern.folded($0.name) == wanted }) else {
            throw Self.unknownName(text)
        }
        self = kind
    }

    /// The same for an event that comes from outside: the kind must not be reserved.
    package init(submitted text: String) throws(OperationError) {
        try self.init(typed: text)
        try checkSubmitted()
    }

    /// Refuses a kind that only np logs.
    func checkSubmitted() throws(OperationError) {
        guard isReserved else { return }
        throw OperationError(
            .usage,
            "the kind \(self) is reserved: only np itself logs such events",
            hint: "use another name"
        )
    }

    /// Why a text names no kind, with the kinds that were perhaps meant.
    package static func unknownName(_ text: String) -> OperationError {
        if let problem = Name.problem(with: text, of: "the kind"), text.utf8.count > 128 {
            return OperationError(.usage, problem.description)
        }
        let nearest = nearest(to: text)
        let hint =
            nearest.isEmpty
            ? "kinds are \(known.map(\.name).joined(separator: ", ")), or custom:NAME"
            : "did you mean \(nearest.joined(separator: " or "))?"
        return OperationError(.usage, "no kind is called '\(text)'", hint: hint)
    }

    /// At most three names that `text` may have been meant to be, the likeliest first.
    private static func nearest(to text: String) -> [String] {
        let wanted = KindPattern.folded(text)
        let candidates = known.map { kind in
            (name: kind.shownName, distance: distance(wanted, KindPattern.folded(kind.name)))
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
