// The table of all events that np publishes, and of those that it understands: what each kind means, who publishes it, and
// what its payload holds. `Documentation/events.md` and `events.schema.json` are made from it, and what producers publish
// is checked against it in the tests.
//
// Other programs may publish the kinds that are not reserved with any payload. The table says what np writes.

/// What there is to know of one kind of event.
package struct EventDescription: Sendable {
    package let kind: EventKind
    /// A sentence.
    package let meaning: String
    /// Who publishes it: the end of the sentence "published by …".
    package let publishers: String
    /// Which task it comes from, and to which it is addressed: the end of the sentence "it …".
    package let tasks: String
    /// What its payload holds, in the order in which the documentation shows it.
    package let members: [PayloadMember]
    /// How to publish one, where that is not np's own business.
    package let examples: [Example]

    /// Lines to type or to write into a file.
    package struct Example: Sendable {
        /// What they are, as a phrase.
        package let title: String
        /// The language that they are in, as a Markdown fence names it.
        package let language: String
        package let text: String

        init(_ title: String, _ language: String, _ text: String) {
            self.title = title
            self.language = language
            self.text = text
        }
    }

    init(
        _ kind: EventKind,
        _ meaning: String,
        by publishers: String,
        tasks: String,
        _ members: [PayloadMember],
        examples: [Example] = []
    ) {
        self.kind = kind
        self.meaning = meaning
        self.publishers = publishers
        self.tasks = tasks
        self.members = members
        self.examples = examples
    }

    /// Whether a payload of this kind may have a member of this name.
    func hasMember(_ name: String) -> Bool { members.contains { $0.name == name } }

    /// A part of the table.
    package struct Part: Sendable {
        package let title: String
        package let descriptions: [EventDescription]
    }

    /// The table, in the order in which the documentation shows it.
    package static let table: [Part] = [
        Part(title: "Tasks and runs", descriptions: ofTasks),
        Part(title: "Repositories", descriptions: ofRepositories),
        Part(title: "Messages", descriptions: ofMessages),
        Part(title: "Locks", descriptions: ofLocks),
        Part(title: "Agents", descriptions: ofAgents),
        Part(title: "The daemon", descriptions: ofDaemon),
        Part(title: "The log itself", descriptions: ofLog),
    ]

    private static let byKind = Dictionary(
        uniqueKeysWithValues: table.flatMap(\.descriptions).map { ($0.kind, $0) }
    )

    /// What the table says of a kind; `nil` for custom and unknown kinds.
    package static func of(_ kind: EventKind) -> EventDescription? { byKind[kind] }

    /// What is wrong with an event of np's own, in words; nothing if it is as the table says. A payload that was cut for the
    /// log is right if what is left of it is.
    package static func objections(to event: Event) -> [String] {
        guard let description = of(event.kind) else { return ["\(event.kind) is not in the table"] }
        let left = Set(description.members.map { $0.name + PayloadMember.missing })
        let isCut = event.payload["_truncated"] != nil
        return (description.members + (isCut ? cut : [])).objections(to: event.payload)
            .filter { !isCut || !left.contains($0) }.map { "\(event.kind): \($0)" }
    }

    /// What the log adds to a payload that it had to cut.
    package static let cut: [PayloadMember] = [
        PayloadMember(
            "_truncated",
            .object([PayloadMember("original_bytes", .bytes, "how long the payload was")]),
            "that strings were cut, and end in `…`",
            .when("the payload was longer than 10 KB")
        ),
        PayloadMember(
            "preview",
            .text,
            "the beginning of the payload, instead of its members",
            .when("cutting strings was not enough")
        ),
    ]
}
