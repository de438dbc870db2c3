// The table of all events, and the documentation that is made from it. To make that again:
//
//     NP_WRITE_DOCUMENTATION=1 swift test --filter EventTableTests

import Foundation
import TestSupport
import Testing

@testable import NeuraphageEvents

@Suite("The table of all events", .apart)
struct EventTableTests {
    /// Other packages run these tests by links to them.
    private static let documentation = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Documentation")

    private let all = EventDescription.table.flatMap(\.descriptions)

    @Test("describes every kind that np knows, once, and no other one")
    func kinds() {
        #expect(all.count == Set(all.map(\.kind)).count)
        #expect(Set(all.map(\.kind)) == Set(EventKind.known))
    }

    @Test("says of each member once what it is")
    func members() {
        for description in all {
            let names = description.members.map(\.name)
            #expect(Set(names).count == names.count, "\(description.kind)")
        }
    }

    @Test("has the ids that the log never cuts, and no others")
    func identifiers() {
        func names(_ members: [PayloadMember]) -> [String] {
            members.flatMap { member -> [String] in
                switch member.form {
                case .event, .events, .name, .task, .commit, .commits: [member.name]
                case .object(let members), .objects(let members): names(members)
                default: []
                }
            }
        }
        #expect(Set(all.flatMap { names($0.members) }) == IdentifierMember.names)
    }

    @Test(
        "describes all that np publishes: only the builders, which are checked against it, make events of named kinds"
    )
    func builders() throws {
        // What others hand in, what was made by a builder before, and what hooks tell, which tests check where they hear it.
        let exceptions = [
            "np/Commands/EmitCommand.swift", "NeuraphageTasks/Sessions/Handover.swift",
            "NeuraphageEvents/Log/PendingLines.swift", "NeuraphageEvents/Reserve/ReserveHead.swift",
            "NeuraphageAgents/Hooks/HookInput+Events.swift", "NeuraphageTasks/Sessions/AgentSessions.swift",
            "NeuraphageTasks/Sessions/AgentTurn.swift",
        ]
        let sources = Self.documentation.deletingLastPathComponent().appending(path: "Sources")
        let pattern = try Regex(#"\bEvent\(\s*(id: \w+, )?(\.\w|kind\b|isPart\b)"#)
        var found: [String] = []
        for case let file as URL in try #require(
            FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil)
        ) {
            let path = file.path.dropFirst(sources.path.count + 1)
            guard path.hasSuffix(".swift"), !path.hasPrefix("NeuraphageEvents/Payloads/") else { continue }
            let lines = try String(contentsOf: file, encoding: .utf8).split(
                separator: "\n",
                omittingEmptySubsequences: false
            )
            let code = lines.filter { !$0.drop { $0 == " " }.hasPrefix("//") }.joined(separator: "\n")
            if code.contains(pattern) { found.append(String(path)) }
        }
        #expect(found.sorted() == exceptions.sorted())
    }

    @Test(
        "is what the documentation says",
        arguments: [("events.md", EventDocumentation.markdown), ("events.schema.json", EventDocumentation.schema)]
    )
    func documentation(name: String, text: String) throws {
        let file = Self.documentation.appending(path: name)
        if ProcessInfo.processInfo.environment["NP_WRITE_DOCUMENTATION"] != nil {
            try Data(text.utf8).write(to: file)
        }
        let isThere = try? String(contentsOf: file, encoding: .utf8)
        #expect(isThere == text, "Documentation/\(name) is not what the table says. Say: \(EventDocumentation.command)")
    }

    @Test(
        "objects to a member that it doesn't have, to one that is missing, and to a value of another form",
        arguments: [
            ("TaskFailed", #"{"error":"e","exit_code":2}"#, []),
            ("TaskFailed", #"{"error":"e","exit_code":"2"}"#, ["TaskFailed: exit_code is 2, and no whole number"]),
            ("TaskFailed", #"{"exit":2}"#, ["TaskFailed: error is missing", "TaskFailed: exit is not in the table"]),
            ("TaskFailed", #"{"preview":"…","_truncated":{"original_bytes":99999}}"#, []),
            ("TaskFailed", #"{"_truncated":{"bytes":1}}"#, ["TaskFailed: _truncated is original_bytes is missing"]),
            ("TaskFailed", "[]", ["TaskFailed: not an object"]),
            ("LogGap", #"{"lost":-1,"from":"a","to":"b"}"#, ["custom:LogGap: lost is -1, and no count"]),
            (
                "AgentTurnEnded",
                #"{"agent":"codex","session":"s","tools":{"n":1,"failed":0,"denied":0,"names":{"x":1}}}"#, []
            ),
            (
                "AgentTurnEnded",
                #"{"agent":"codex","session":"s","tools":{"n":1,"failed":0,"denied":0,"names":{"x":"1"}}}"#,
                [#"custom:AgentTurnEnded: tools is names is {"x":"1"}, and not counts by name"#]
            ),
            ("NotificationRead", #"{"notification":"n","by":null,"how":"np inbox"}"#, []),
            (
                "NotificationSuperseded", #"{"notifications":["a",1]}"#,
                ["custom:NotificationSuperseded: notifications is an array with 1"]
            ),
            ("deploy", "{}", ["custom:deploy is not in the table"]),
        ]
    )
    func objections(kind: String, payload: String, objections: [String]) throws {
        let kind = try EventKind.known.first { $0.name == kind } ?? .custom(CustomName(kind))
        #expect(EventDescription.objections(to: Event(kind, payload: try Payload(json: payload))) == objections)
    }
}
