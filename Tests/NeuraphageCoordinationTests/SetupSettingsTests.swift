// Agents' settings as text: what is added and taken out, and that nothing else moves by a byte.

import Foundation
import TestSupport
import Testing

@testable import NeuraphageAgents
@testable import NeuraphageGit
@testable import NeuraphagePresentation
@testable import NeuraphageProjections
@testable import NeuraphageSystem
@testable import NeuraphageTasks
@testable import NeuraphageWatching

@Suite("An agent's settings", .apart)
struct SetupSettingsTests {
    private let hooks: AgentHooks

    init() throws {
        hooks = try .newest(.claude)
    }

    private func adding(_ text: String, _ hooks: AgentHooks? = nil) throws -> String {
        var settings = try AgentSettings(Array(text.utf8), of: "/settings")
        try settings.add(hooks ?? self.hooks)
        return String(decoding: settings.bytes, as: UTF8.self)
    }

    private func removing(_ text: String, like original: String) throws -> String {
        var settings = try AgentSettings(Array(text.utf8), of: "/settings")
        settings.remove(hooks, like: try AgentSettings(Array(original.utf8), of: "/settings"))
        return String(decoding: settings.bytes, as: UTF8.self)
    }

    /// The commands that each event runs, as an agent would read them.
    private func commands(_ text: String) throws -> [String: [String]] {
        let text = text.hasPrefix("\u{feff}") ? String(text.unicodeScalars.dropFirst()) : text
        let root = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        let events = root?["hooks"] as? [String: [[String: Any]]] ?? [:]
        return events.mapValues { groups in
            groups.flatMap { ($0["hooks"] as? [[String: Any]] ?? []).compactMap { $0["command"] as? String } }
        }
    }

    static let files = [
        "{}", "{}\n", "{ }", "{\n}\n", "\n\n{\n\n}\n\n", "{\"model\":\"opus\"}", "{ \"model\" : \"opus\" }\n",
        "{\n  \"model\": \"opus\"\n}\n", "{\n    \"model\": \"opus\",\n    \"n\": 1.10e+5\n}",
        "{\r\n\t\"model\": \"opus\"\r\n}\r\n", "\u{feff}{\n  \"model\": \"opus\"\n}\n",
        "{\n  \"hooks\": {}\n}\n", "{\n  \"hooks\": {\n  }\n}\n", "{\"hooks\":{\"Stop\":[]}}",
        "{\"hooks\":{ \"Stop\": [ ] } }",
        "{\n  \"hooks\": {\n    \"Stop\": [\n      {\n        \"hooks\": [{\"type\": \"command\", \"command\": \"say\"}]\n"
            + "      }\n    ]\n  }\n}\n",
        "{\n\t\"a\": 1,\n\n\n\t\"hooks\": {\"PostToolUse\": [{\"matcher\": \"Bash\", \"hooks\": []}], \"Stop\": []},\n\"z\": []}",
        "{\n  \"$schema\": \"x\",\n\"hooks\":\n{\"PreToolUse\":\n[\n{\"hooks\":[{\"type\":\"command\",\"command\":\"a \\\"b\\\"\"}]}]\n}}",
        "{\"a\": \"\\u00e9\\\"{[\", \"hooks\": {\"Notification\": [{\"hooks\": [{\"type\": \"prompt\", \"prompt\": \"x\"}]}]}}",
        "{\n  \"model\": \"opus\" ,\n  \"hooks\" : { } \n}",
    ]

    @Test("run our command once for each event, beside what they ran before", arguments: files)
    func add(file: String) throws {
        let before = try commands(file)
        let text = try adding(file)
        let after = try commands(text)
        for event in hooks.events {
            #expect(after[event.name] == (before[event.name] ?? []) + ["/opt/np hook claude"], "\(text)")
        }
        for (event, commands) in before where after[event]?.starts(with: commands) != true {
            Issue.record("\(event) lost \(commands)")
        }
        #expect(try AgentSettings(Array(text.utf8), of: "/settings").differences(from: hooks)?.isEmpty == true)
        #expect(try adding(text) == text)
    }

    @Test("are byte for byte what they were when ours is taken out", arguments: files)
    func remove(file: String) throws {
        #expect(try removing(try adding(file), like: file) == file)
    }

    @Test("keep every byte around what is added", arguments: files)
    func keep(file: String) throws {
        // Nothing that was there is gone: the old text is a subsequence of the new one, white space in empty brackets aside.
        var rest = Array(try adding(file).utf8)[...]
        for byte in file.utf8 where !" \n\r\t".utf8.contains(byte) {
            let place = try #require(rest.firstIndex(of: byte))
            rest = rest[(place + 1)...]
        }
    }

    @Test("come and go without a trace in files of any layout", arguments: 0..<300)
    func anyLayout(seed: UInt64) throws {
        var layout = RandomLayout(seed: seed)
        let file = layout.space() + layout.settings() + layout.space()
        let text = try adding(file)
        let before = try commands(file)
        for event in hooks.events {
            #expect(try commands(text)[event.name] == (before[event.name] ?? []) + ["/opt/np hook claude"], "\(text)")
        }
        #expect(try removing(text, like: file) == file)
    }

    @Test("are laid out as the person laid out the rest")
    func layout() throws {
        let one = try AgentHooks.newest(.codex)
        let text = try adding("{\r\n\t\"a\": 1\r\n}", one)
        #expect(
            text.hasPrefix(
                "{\r\n\t\"a\": 1,\r\n\t\"hooks\": {\r\n\t\t\"SessionStart\": [\r\n\t\t\t{\"hooks\": [{\"type\": \"command\", "
                    + "\"command\": \"/opt/np hook codex\", \"timeout\": 5, \"statusMessage\": \"np records this\"}]}\r\n\t\t],\r\n"
            )
        )
        #expect(text.hasSuffix("\r\n\t\t]\r\n\t}\r\n}"))
        #expect(try !adding("{\"a\": 1}").contains("\n"))
    }

    @Test("are written anew where there was nothing", arguments: ["", "  \n"])
    func empty(file: String) throws {
        #expect(try commands(try adding(file))["Stop"] == ["/opt/np hook claude"])
    }

    @Test(
        "are refused when they are not what an agent would take",
        arguments: [
            ("{", "not valid JSON"), ("[]", "not an object"), ("{} {}", "not valid JSON"),
            ("nonsense", "not valid JSON"),
            ("{\n  // mine\n  \"a\": 1\n}", "not valid JSON, line 2: JSON has no comments"),
            ("{\n  \"a\": 1 /* mine */\n}", "line 2: JSON has no comments"), ("{}\n# mine", "line 2: JSON has no"),
            ("{\n  \"a\": 1,\n}", "not valid JSON, line 3: expected a key in quotes"),
            ("{\"hooks\": []}", "its \"hooks\" is not an object"),
            ("{\"hooks\": null}", "its \"hooks\" is not an object"),
            ("{\"hooks\": {\"Stop\": {}}}", "its \"hooks.Stop\" is not an array"),
            ("\u{feff}{\n\"a\" 1}", "line 2: expected ':'"), ("{}\n\n}", "line 3: something follows its end"),
        ]
    )
    func refuse(file: String, reason: String) {
        let error = #expect(throws: OperationError.self) { try adding(file) }
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
    }

    @Test("follow np when it has moved, and are then as they were when ours is taken out")
    func moved() throws {
        let file =
            "{\n  \"hooks\": {\n    \"Stop\": [\n      {\"hooks\": [{\"type\": \"command\", \"command\": \"say\"}]}\n    ]\n  }\n}\n"
        let old = try AgentHooks.newest(.claude, path: "/old place/np")
        let text = try adding(try adding(file, old))
        #expect(!text.contains("old place"))
        #expect(try commands(text)["Stop"] == ["say", "/opt/np hook claude"])
        #expect(try commands(text)["SessionEnd"] == ["/opt/np hook claude"])
        #expect(try removing(text, like: file) == file)
    }

    @Test("ask each agent for the beginnings and all ends of its sessions and turns")
    func ends() throws {
        let codex = try AgentHooks.newest(.codex)
        for event in ["SessionStart", "SessionEnd", "UserPromptSubmit", "Stop", "StopFailure"] {
            #expect(try commands(try adding("{}"))[event] == ["/opt/np hook claude"], "\(event)")
        }
        for event in ["SessionStart", "SessionEnd", "UserPromptSubmit", "Stop", "Interrupt"] {
            #expect(try commands(try adding("{}", codex))[event] == ["/opt/np hook codex"], "\(event)")
        }
    }

    @Test("serve two data directories beside each other")
    func twoDirectories() throws {
        let other = try AgentHooks.newest(.claude, options: ["--data-dir", "/my data"])
        let both = try adding(try adding("{}", other))
        #expect(try commands(both)["Stop"] == ["/opt/np hook claude --data-dir '/my data'", "/opt/np hook claude"])
        #expect(try removing(both, like: try adding("{}", other)) == (try adding("{}", other)))
    }

    @Test(
        "know our command wherever np lies, and nobody else's",
        arguments: [
            ("/opt/np hook claude", true), ("'/my dir/np' hook claude", true), ("'/it'\\''s/np' hook claude", true),
            ("np hook claude", true), ("/opt/otter hook claude", false), ("/opt/np hook codex", false),
            ("/opt/np hook claude --data-dir /x", false), ("/opt/np hook claude; rm x", false),
            ("/opt/xnp hook claude", false),
            ("echo np hook claude", false),
        ]
    )
    func ours(command: String, isOurs: Bool) {
        #expect(hooks.isOurs(command) == isOurs)
    }

    @Test("keep exactly what somebody else wrote in between")
    func edited() throws {
        let file = "{\n  \"model\": \"opus\"\n}\n"
        let text = try adding(file)
        let entry = "{\"hooks\": [{\"type\": \"command\", \"command\": \"/opt/np hook claude\", \"timeout\": 5}]}"
        let edits: [(String, String, String)] = [
            // A value, a member behind ours, a member before ours.
            ("\"opus\"", "\"sonnet\"", "{\n  \"model\": \"sonnet\"\n}\n"),
            ("  }\n}\n", "  },\n  \"x\": [1, 2]\n}\n", "{\n  \"model\": \"opus\",\n  \"x\": [1, 2]\n}\n"),
            ("\"opus\",", "\"opus\", \"y\": 1,", "{\n  \"model\": \"opus\", \"y\": 1\n}\n"),
            // A hook for one of our events, behind ours and before it.
            (
                "\"SubagentStop\": [\n      \(entry)", "\"SubagentStop\": [\n      \(entry),\n      {\"hooks\": []}",
                "{\n  \"model\": \"opus\",\n  \"hooks\": {\n    \"SubagentStop\": [\n      {\"hooks\": []}\n    ]\n  }\n}\n"
            ),
            (
                "\"SubagentStop\": [\n      \(entry)", "\"SubagentStop\": [\n      {\"hooks\": []},\n      \(entry)",
                "{\n  \"model\": \"opus\",\n  \"hooks\": {\n    \"SubagentStop\": [\n      {\"hooks\": []}\n    ]\n  }\n}\n"
            ),
            // A hook in our own group.
            (
                "\"SubagentStop\": [\n      {\"hooks\": [",
                "\"SubagentStop\": [\n      {\"hooks\": [{\"type\": \"command\", \"command\": \"say\"}, ",
                "{\n  \"model\": \"opus\",\n  \"hooks\": {\n    \"SubagentStop\": [\n      "
                    + "{\"hooks\": [{\"type\": \"command\", \"command\": \"say\"}]}\n    ]\n  }\n}\n"
            ),
            // A hook for another event.
            (
                "\"hooks\": {\n", "\"hooks\": {\n    \"PreToolUse\": [],\n",
                "{\n  \"model\": \"opus\",\n  \"hooks\": {\n    \"PreToolUse\": []\n  }\n}\n"
            ),
        ]
        for (old, new, expected) in edits {
            let range = try #require(text.range(of: old), "\(old)")
            let changed = text.replacingCharacters(in: range, with: new)
            #expect(try removing(changed, like: file) == expected)
        }
    }

    @Test("lose ours also when a program has written them anew in its own way")
    func rewritten() throws {
        for file in Self.files where !file.hasPrefix("\u{feff}") {
            let object = try JSONSerialization.jsonObject(with: Data(try adding(file).utf8))
            for options in [[], [.prettyPrinted, .sortedKeys]] as [JSONSerialization.WritingOptions] {
                let data = try JSONSerialization.data(withJSONObject: object, options: options)
                let left = try removing(String(decoding: data, as: UTF8.self), like: file)
                #expect(!left.contains("hook claude"))
                let expected = try JSONSerialization.jsonObject(with: Data(file.utf8)) as? NSDictionary
                #expect(try JSONSerialization.jsonObject(with: Data(left.utf8)) as? NSDictionary == expected, "\(left)")
            }
        }
    }
}

extension AgentHooks {
    /// The hooks of an agent that has all events.
    static func newest(_ agent: Agent, path: String = "/opt/np", options: [String] = []) throws -> AgentHooks {
        let version = AgentVersion(1_000, 0, 0)
        return AgentHooks(agent: agent, version: version, np: try InstalledProgram(path: path, options: options))
    }
}

/// Settings with random white space, members and hooks, the same ones for the same seed.
private struct RandomLayout: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 &+ 1 }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }

    mutating func space() -> String {
        let spaces = ["", "", " ", "\n", "\r\n", "\n  ", "\n\t\t", "  \n\n "]
        return spaces.randomElement(using: &self) ?? ""
    }

    mutating func settings() -> String {
        var members = (0..<Int.random(in: 0..<3, using: &self)).map { "\"a\($0)\"" + space() + ":" + value() }
        if Bool.random(using: &self) {
            let names = ["Stop", "PostToolUse", "Notification", "PreToolUse"].shuffled(using: &self)
            let events = (0..<Int.random(in: 0..<4, using: &self)).map { "\"\(names[$0])\"" + space() + ":" + event() }
            members.insert(
                "\"hooks\":" + container("{", events, "}"),
                at: Int.random(in: 0...members.count, using: &self)
            )
        }
        return container("{", members, "}")
    }

    private mutating func event() -> String {
        let groups = (0..<Int.random(in: 0..<3, using: &self)).map { _ in
            let hook = #"{"type": "command", "command": "say \"}]\""}"#
            let hooks =
                "\"hooks\":" + container("[", Array(repeating: hook, count: Int.random(in: 0..<3, using: &self)), "]")
            return container("{", Bool.random(using: &self) ? [hooks] : [#""matcher": "Bash""#, hooks], "}")
        }
        return container("[", groups, "]")
    }

    private mutating func value() -> String {
        ["1.0e3", "\"{\\\"\\u00e9\"", "null", "[ ]", "{}", "[1,{\"hooks\":[]}]"].randomElement(using: &self) ?? ""
    }

    private mutating func container(_ open: String, _ elements: [String], _ close: String) -> String {
        open + space() + elements.map { space() + $0 + space() }.joined(separator: ",") + space() + close
    }
}
