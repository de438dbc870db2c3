// The documentation of all events for people and for programs, made from the table.

import NeuraphageEvents

enum EventDocumentation {
    static let command = "NP_WRITE_DOCUMENTATION=1 swift test --filter EventTableTests"

    // MARK: - For people

    static var markdown: String {
        let parts = EventDescription.table.map { part in
            "## \(part.title)\n\n" + part.descriptions.map(section).joined(separator: "\n")
        }
        return header + parts.joined(separator: "\n")
    }

    private static let header = """
        # The events

        Every kind of event, who publishes it, and what its payload holds. This page and [events.schema.json](events.schema.json)
        are made from a table in the code (`Sources/NeuraphageEvents/Payloads`), and np's own events are tested against it.

        A line of the log is one event:

        ```json
        {"id":"019432a1-7c3e-7b10-8f00-3f2a9c4d5e6f","kind":"TaskStarted","source_task":"eg-abc123","target_task":null,"payload":{},"timestamp":"2026-01-11T15:30:00.000000Z"}
        ```

        The payload is an object. A kind that is marked *reserved* is written as `{"Custom":"NAME"}`, and only np and the log
        publish it; the others any program may publish, with other members as well. *Ephemeral* kinds go to subscribers and are
        not logged. What was written by an older np may lack members that are listed here.

        | a value that is | is written as |
        |---|---|
        | an event | the id of that event |
        | a commit | the whole name of a git commit, as hexadecimal digits |
        | a task, a name | text; the name is that by which the program calls the thing that it belongs to |
        | ms, bytes, a count | a whole number that is not negative |
        | text | a string. It may be the words of other programs, people and models, and is to be treated as such. |

        A payload that is longer than 10 KB (`max_payload_bytes`) is cut in the log: its longest strings end in `…`, and
        `"_truncated":{"original_bytes":N}` is added; if that is not enough, `preview` is the beginning of the payload. Ids are
        never cut: as many as there is room for are kept beside the preview. A credential of a well-known format is logged as
        `[REDACTED:rule]`, but never an id in a reserved kind.


        """

    private static func section(_ event: EventDescription) -> String {
        var marks: [String] = []
        if event.kind.isReserved { marks.append("reserved") }
        if !event.kind.isDurable { marks.append("ephemeral") }
        let mark = marks.isEmpty ? "" : " *(\(marks.joined(separator: ", ")))*"
        var text = """
            ### \(event.kind.name)\(mark)

            \(event.meaning)

            Published by \(event.publishers). It \(event.tasks).


            """
        if event.members.isEmpty {
            text += "It has no members.\n"
        } else {
            text += "| member | is | what it says | when |\n|---|---|---|---|\n"
            text += rows(event.members, in: "").joined(separator: "\n") + "\n"
        }
        for example in event.examples {
            text += "\n\(example.title):\n\n```\(example.language)\n\(example.text)\n```\n"
        }
        return text
    }

    private static func rows(_ members: [PayloadMember], in path: String) -> [String] {
        members.flatMap { member -> [String] in
            let name = path + member.name
            let when =
                switch member.presence {
                case .always: "always"
                case .null(let condition): "always; `null` if \(condition)"
                case .when(let condition): "if \(condition)"
                }
            let row = "| `\(name)` | \(member.form.words) | \(member.meaning) | \(when) |"
            return switch member.form {
            case .object(let members): [row] + rows(members, in: name + ".")
            case .objects(let members): [row] + rows(members, in: name + "[].")
            default: [row]
            }
        }
    }

    // MARK: - For programs

    static var schema: String {
        let descriptions = EventDescription.table.flatMap(\.descriptions)
        let kinds = descriptions.map { description -> JSONValue in
            [
                "if": ["properties": ["kind": ["const": kind(description.kind)]]],
                "then": ["properties": ["payload": ["$ref": .string("#/$defs/\(description.kind.name)")]]],
            ]
        }
        let payloads = descriptions.map { description in
            let about = "\(description.meaning) Published by \(description.publishers)."
            return (description.kind.name, object(description.members + EventDescription.cut, about))
        }
        let text: JSONValue = ["type": ["string", "null"]]
        let schema: JSONValue = [
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "An event of the Neuraphage event log",
            "description": .string(
                "One line of the log. The payloads are those that np publishes; other programs may publish the kinds that are "
                    + "not reserved with other members. Made by: \(command)"
            ),
            "type": "object",
            "required": ["id", "kind", "source_task", "target_task", "payload", "timestamp"],
            "properties": [
                "id": ["type": "string"],
                "kind": [
                    "anyOf": [
                        ["type": "string"],
                        ["type": "object", "required": ["Custom"], "properties": ["Custom": ["type": "string"]]],
                    ]
                ],
                "source_task": text, "target_task": text, "payload": true,
                "timestamp": ["type": "string", "format": "date-time"],
            ],
            "allOf": .array(kinds),
            "$defs": .object(payloads),
        ]
        return indented(Payload(schema).json) + "\n"
    }

    private static func kind(_ kind: EventKind) -> JSONValue {
        kind.customName.map { ["Custom": .string($0.description)] } ?? .string(kind.name)
    }

    private static func object(_ members: [PayloadMember], _ about: String?) -> JSONValue {
        let properties = members.map { ($0.name, schema(of: $0)) }
        let description = about.map { [("description", JSONValue.string($0))] } ?? []
        return .object(description + [("type", "object"), ("properties", .object(properties))])
    }

    private static func schema(of member: PayloadMember) -> JSONValue {
        let form = JSONValue.object(member.form.schema)
        let meaning = member.meaning.prefix(1).uppercased() + member.meaning.dropFirst()
        return switch member.presence {
        case .always: .object([("description", .string("\(meaning)."))] + member.form.schema)
        case .null(let condition):
            ["description": .string("\(meaning); null if \(condition)."), "anyOf": [form, ["type": "null"]]]
        case .when(let condition):
            .object([("description", .string("\(meaning). Present if \(condition)."))] + member.form.schema)
        }
    }

    /// JSON text with a line for each member and element of what is longer than a line.
    private static func indented(_ json: String, by depth: Int = 0) -> String {
        let (longest, step) = (100, "  ")
        guard json.utf8.count + depth * step.utf8.count > longest, let payload = try? Payload(json: json) else {
            return json
        }
        let margin = String(repeating: step, count: depth + 1)
        func text(_ value: Payload.Found) -> String {
            switch value {
            case .string(let string): Payload(.string(string)).json
            case .other(let json): indented(json, by: depth + 1)
            }
        }
        var lines: [String] = []
        if let members = payload.members {
            lines = members.map { "\(margin)\(Payload(.string($0.key)).json): \(text($0.value))" }
        } else {
            while let element = payload.value(at: [String(lines.count)]) { lines.append(margin + text(element)) }
        }
        guard !lines.isEmpty else { return json }
        return "\(json.prefix(1))\n\(lines.joined(separator: ",\n"))\n\(margin.dropLast(step.count))\(json.suffix(1))"
    }

    fileprivate static func schema(ofMembers members: [PayloadMember]) -> [(String, JSONValue)] {
        [("type", "object"), ("properties", .object(members.map { ($0.name, schema(of: $0)) }))]
    }
}

extension PayloadMember.Form {
    fileprivate var words: String {
        switch self {
        case .text: "text"
        case .texts: "texts"
        case .word(let words): words.map { "`\($0)`" }.joined(separator: " or ")
        case .event: "an event"
        case .events: "events"
        case .name: "a name"
        case .task: "a task"
        case .commit: "a commit"
        case .commits: "commits"
        case .path: "a path"
        case .paths: "paths"
        case .count: "a count"
        case .milliseconds: "ms"
        case .counts: "counts by name"
        case .bytes: "bytes"
        case .number: "a number"
        case .flag: "`true` or `false`"
        case .object: "an object"
        case .objects: "objects"
        }
    }

    fileprivate var schema: [(String, JSONValue)] {
        let string: JSONValue = ["type": "string"]
        let commit: [(String, JSONValue)] = [("type", "string"), ("pattern", "^([0-9a-f]{40}|[0-9a-f]{64})$")]
        func array(_ items: JSONValue) -> [(String, JSONValue)] { [("type", "array"), ("items", items)] }
        switch self {
        case .text, .event, .name, .task, .path: return [("type", "string")]
        case .texts, .events, .paths: return array(string)
        case .word(let words): return [("enum", .array(words.map { .string($0) }))]
        case .commit: return commit
        case .commits: return array(.object(commit))
        case .count, .milliseconds, .bytes: return [("type", "integer"), ("minimum", 0)]
        case .counts:
            let count: JSONValue = ["type": "integer", "minimum": 0]
            return [("type", "object"), ("additionalProperties", count)]
        case .number: return [("type", "integer")]
        case .flag: return [("type", "boolean")]
        case .object(let members): return EventDocumentation.schema(ofMembers: members)
        case .objects(let members): return array(.object(EventDocumentation.schema(ofMembers: members)))
        }
    }
}
