// The one way in which np's own events are made: by a builder for each kind, of the members that the table has for it. The
// builders are the only callers, so no producer can write a member that the table does not describe: a builder that tries
// stops the tests.

extension Event {
    /// A member of a payload; one without a value is left out.
    package typealias Member = (key: String, value: JSONValue?)

    /// An event as the table describes its kind.
    init(
        _ kind: EventKind,
        from source: TaskID? = nil,
        to target: TaskID? = nil,
        saying members: [Member]
    ) {
        self.init(kind, from: source, to: target, payload: Self.payload(of: kind, members))
    }

    /// The payload of an event of a kind.
    static func payload(of kind: EventKind, _ members: [Member]) -> Payload {
        assert(
            members.allSatisfy { EventDescription.of(kind)?.hasMember($0.key) ?? false },
            "\(kind) has members that the table lacks: \(members.map(\.key))"
        )
        return Payload(.object(members.compactMap { key, value in value.map { (key, $0) } }))
    }

    // MARK: - Members of several kinds

    static func text(_ key: String, _ text: String?) -> Member { (key, text.map { .string($0) }) }

    static func texts(_ key: String, _ texts: [String]) -> Member { (key, .array(texts.map { .string($0) })) }

    /// How long a text from git may be, in bytes: the first line of a message, a name, a path, what git complains of.
    enum Longest {
        static let (subject, author, path, error) = (200, 100, 300, 1_000)
    }

    static func event(_ key: String, _ id: EventID?) -> Member { (key, id.map { .string($0.description) }) }

    static func milliseconds(_ key: String, _ duration: Duration?) -> Member {
        (key, duration.map { .integer($0.milliseconds) })
    }

    static func inferred(_ isInferred: Bool) -> Member { ("inferred", isInferred ? true : nil) }

    static func session(_ session: SessionName?) -> [Member] {
        [text("agent", session?.agent), text("session", session?.id)]
    }

    static func repository(_ checkout: Checkout?) -> [Member] {
        [
            text("repo", checkout?.repo), text("repo_name", checkout?.name),
            text("common_dir", checkout?.commonDirectory),
        ]
    }

    static func branch(_ checkout: Checkout?) -> [Member] {
        repository(checkout) + [text("branch", checkout?.branch), text("worktree", checkout?.worktree)]
    }
}

extension String {
    /// The text, or its beginning and `…` if it has more bytes.
    func shortened(to bytes: Int) -> String {
        guard utf8.count > bytes else { return self }
        var kept = ""
        for character in self {
            guard kept.utf8.count + character.utf8.count <= bytes - "…".utf8.count else { break }
            kept.append(character)
        }
        return kept + "…"
    }
}

extension [String] {
    func shortened(to bytes: Int) -> [String] { map { $0.shortened(to: bytes) } }
}
