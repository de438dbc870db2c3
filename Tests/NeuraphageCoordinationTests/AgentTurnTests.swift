// What is remembered of an agent's turn while it goes on, and what it adds up to.

import NeuraphageEvents
import NeuraphagePlatform
import TestSupport
import Testing

@testable import NeuraphageSystem
@testable import NeuraphageTasks

@Suite("A turn", .apart)
struct AgentTurnTests {
    let directory: TemporaryDirectory
    let sessions: AgentSessions
    private let session = AgentSession(agent: .codex, id: "s-1")
    private let claude = AgentSession(agent: .claude, id: "s-2")
    private let start = Timestamp(microsecondsSinceEpoch: 1_800_000_000_000_000)

    init() throws {
        directory = try TemporaryDirectory()
        sessions = AgentSessions(in: DataDirectory(directory.path))
    }

    private func begin(_ name: String?, _ session: AgentSession, after seconds: Int = 0) -> (Event, left: Event?)? {
        let started = Event(
            id: EventID("begin-\(name ?? "")"),
            .custom("AgentTurnStarted"),
            from: nil,
            timestamp: start + .seconds(seconds)
        )
        switch sessions.beginTurn(name, with: started, of: "t-1", in: session) {
        case .new(let left): return (started, left)
        case .goesOn: return nil
        }
    }

    private func end(_ name: String?, _ session: AgentSession, after seconds: Int = 60) -> String? {
        let end = sessions.endTurn(name, in: session, at: start + .seconds(seconds)) { _ in }
        return end.map { Payload(.object($0.receipt)).json }
    }

    private func note(_ facts: TurnFact..., in session: AgentSession, after seconds: Int = 1) {
        for fact in facts { sessions.note(fact, in: session, at: start + .seconds(seconds)) }
    }

    // MARK: - Beginnings and ends

    @Test("that no hook ended ends when the next one begins, with what was done in it until it was heard of last")
    func nextTurn() throws {
        #expect(try #require(begin("1", session)).left == nil)
        note(.tool(ToolUse("Bash")), in: session, after: 7)
        let next = try #require(begin("2", session, after: 500))
        let ended = try #require(next.left)
        #expect(ended.kind == .custom("AgentTurnEnded") && ended.source == "t-1")
        #expect(ended.payload.string("turn") == "1" && ended.payload["inferred"]?.text == "true")
        #expect(ended.payload.string("begin") == "begin-1")
        #expect(ended.payload["duration_ms"]?.text == "7000")
        #expect(ended.payload.value(at: ["tools", "n"])?.text == "1")
        #expect(end("2", session, after: 501)?.contains(#""tools":{"n":0,"failed":0,"denied":0}"#) == true)
    }

    @Test("that was ended is not ended again, also if two hooks tell it, and names its beginning")
    func endedTurn() throws {
        _ = begin("1", session)
        #expect(end("1", session) == #"{"begin":"begin-1","duration_ms":60000,"tools":{"n":0,"failed":0,"denied":0}}"#)
        #expect(end("1", session) == nil)
        #expect(try #require(begin("2", session)).left == nil)
        // The end of another turn says nothing about where this one began.
        #expect(end("3", session) == "{}")
    }

    @Test(
        "goes on if the agent is given another prompt in the middle of it, and ends whatever its last prompt is called"
    )
    func prompts() throws {
        _ = begin("p-1", claude)
        note(.tool(ToolUse("Bash")), in: claude)
        #expect(begin("p-1", claude, after: 10) == nil)
        // A prompt that waited is worked on without another word.
        #expect(end("p-2", claude)?.hasPrefix(#"{"begin":"begin-p-1","duration_ms":60000,"tools":{"n":1"#) == true)
        #expect(try #require(begin("p-1", claude)).left == nil, "a turn that has ended begins again")
    }

    @Test("goes on if the hook that tells its end is killed before the log has that")
    func killed() throws {
        struct Killed: Error {}
        _ = begin("1", session)
        note(.tool(ToolUse("Bash")), in: session)
        #expect(throws: Killed.self) { try sessions.endTurn("1", in: session) { _ in throw Killed() } }
        #expect(sessions.turn(of: session)?.hasEnded == false)
        #expect(end("1", session)?.contains(#""names":{"Bash":1}"#) == true)
    }

    @Test("that goes on after its end ends again, with what was done since")
    func continued() {
        _ = begin("p-1", claude)
        note(.tool(ToolUse("Read")), in: claude)
        _ = end("p-1", claude)
        note(.tool(ToolUse("Bash")), in: claude)
        let again = #"{"begin":"begin-p-1","continued":true,"tools":{"n":1,"failed":0,"denied":0,"names":{"Bash":1}}}"#
        #expect(end("p-1", claude) == again)
        #expect(end("p-1", claude) == nil)
    }

    @Test("tells what was done in the background since the turn before")
    func background() {
        _ = begin("p-1", claude)
        _ = end("p-1", claude)
        note(.tool(ToolUse("Bash")), in: claude)
        _ = begin("p-2", claude)
        note(.tool(ToolUse("Edit", files: ["a"])), in: claude)
        #expect(end("p-2", claude)?.contains(#""names":{"Bash":1,"Edit":1}"#) == true)
        #expect(sessions.turn(of: claude)?.hasEnded == true)
    }

    @Test("whose beginning was not seen tells what was seen of it")
    func unseen() {
        #expect(end("p-1", claude) == "{}")
        note(.tool(ToolUse("Bash", .failed)), in: claude)
        let work = #"{"tools":{"n":1,"failed":1,"denied":0,"names":{"Bash":1}},"failures":[{"tool":"Bash","n":1}]}"#
        #expect(end("p-2", claude) == work)
    }

    // MARK: - What was done

    @Test("adds up tools, failures, files, checks, waits, and subagents")
    func receipt() {
        _ = begin("1", session)
        let failure = ToolUse("Bash", .failed, checks: [.init("make test", .failed)], input: "0123456789abcdef")
        note(.tool(failure), .tool(failure), in: session)
        note(.tool(ToolUse("Bash", checks: [.init("make test", .passed)])), in: session)
        note(.tool(ToolUse("Edit", files: ["b", "a"])), .tool(ToolUse("Edit", files: ["a"])), in: session)
        note(.tool(ToolUse("Write", .denied)), .waited(1_200), .waited(300), .subagent, in: session)
        #expect(
            end("1", session) == """
                {"begin":"begin-1","duration_ms":60000,\
                "tools":{"n":5,"failed":2,"denied":1,"names":{"Bash":3,"Edit":2}},\
                "failures":[{"tool":"Bash","n":2,"input":"0123456789abcdef","since_change":0}],\
                "checks":[{"check":"make test","n":3,"failed":2,"last":"passed","since_change":0}],\
                "files":["b","a"],"files_count":2,"waits_ms":1500,"subagents":1}
                """
        )
    }

    @Test("tells how often something failed since a file was changed last, and a check since it passed")
    func failuresSinceChange() throws {
        _ = begin("1", session)
        let failure = ToolUse("Bash", .failed, checks: [.init("make test", .failed)], input: "0123456789abcdef")
        let pass = ToolUse("Bash", checks: [.init("make test", .passed)])
        note(.tool(failure), .tool(ToolUse("Edit", files: ["a"])), .tool(failure), .tool(failure), in: session)
        let first = try #require(end("1", session))
        #expect(first.contains(#""n":3,"input":"0123456789abcdef","since_change":2}"#))
        #expect(first.contains(#""n":3,"failed":3,"last":"failed","since_change":2}"#))
        _ = begin("2", session)
        note(.tool(ToolUse("Edit", files: ["a"])), .tool(failure), .tool(pass), .tool(failure), in: session)
        let second = try #require(end("2", session))
        #expect(second.contains(#""n":2,"input":"0123456789abcdef","since_change":2}"#))
        #expect(second.contains(#""n":3,"failed":2,"last":"failed","since_change":1}"#))
    }

    @Test("counts a tool once of which two hooks tell, and names so few files that the log keeps them")
    func bounds() throws {
        _ = begin("1", session)
        for number in 0..<200 {
            let use = ToolUse(
                "tool-\(number % 40)",
                id: "\(number)",
                files: ["file-\(number)-" + String(repeating: "x", count: 90)]
            )
            note(.tool(use), .tool(use), in: session)
        }
        let text = try #require(end("1", session))
        let payload = try Payload(json: text)
        #expect(payload.value(at: ["tools", "n"])?.text == "200" && payload["files_count"]?.text == "200")
        let names = try #require(payload.value(at: ["tools", "names"])?.text)
        #expect(try #require(try Payload(json: names).members).count == 20)
        #expect(49...50 ~= payload.strings(at: "files").count && payload.limited(to: Payload.standardLimit) == payload)
    }

    @Test("says that it is incomplete if there was no end of it, and still ends")
    func endless() throws {
        _ = begin("1", session)
        let use = ToolUse("Edit", files: (0..<90).map { "\($0)" + String(repeating: "x", count: 4_000) })
        for _ in 0..<4 { note(.tool(use), in: session) }
        #expect(
            try directory.text("agents/" + (try #require(try directory.names("agents").first))).utf8.count < 2 << 20
        )
        #expect(end("1", session)?.hasSuffix(#""incomplete":true}"#) == true)
        #expect(end("1", session) == nil)
    }

    @Test("loses of a damaged file what the damage took")
    func damage() throws {
        _ = begin("1", session)
        note(.tool(ToolUse("Bash")), .tool(ToolUse("Edit")), in: session)
        let name = "agents/" + (try #require(try directory.names("agents").first))
        let text = try directory.text(name)
        for length in 0...text.utf8.count {
            let turn = AgentTurn(String(decoding: text.utf8.prefix(length), as: UTF8.self))
            #expect(turn.work.members.count <= 3)
        }
        try directory.write(text + "{\"tool\":\"Bash\",\"outc", to: name)
        note(.tool(ToolUse("Read")), in: session)
        #expect(end("1", session)?.contains(#""names":{"Bash":1,"Edit":1,"Read":1}"#) == true)
        for garbage in ["", "\0", "{}", "[1]\n", #"{"begin":7,"turn":{},"at":"x"}"#, #"{"tool":"x","outcome":"y"}"#] {
            #expect(!AgentTurn(garbage).isOpen)
        }
    }

    @Test("in a file of an older version has ended or not, and one of a newer version is left alone")
    func versions() throws {
        #expect(AgentTurn("turn-7").hasEnded && AgentTurn("turn-7").name == "turn-7")
        #expect(AgentTurn(#"{"turn":null,"begin":"id","ended":false}"#).begin == "id")
        _ = begin("1", session)
        let name = "agents/" + (try #require(try directory.names("agents").first))
        try directory.write(try directory.text(name).replacing("{\"turn\"", with: "{\"format\":9,\"turn\""), to: name)
        #expect(sessions.turn(of: session) == nil)
        let newer = try directory.text(name)
        note(.tool(ToolUse("Bash")), in: session)
        _ = begin("2", session)
        _ = end("2", session)
        #expect(try directory.text(name) == newer)
    }

    @Test("loses nothing of hooks that run at the same time")
    func concurrent() async {
        _ = begin("1", session)
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<100 { group.addTask { note(.tool(ToolUse("Bash", id: "\(number)")), in: session) } }
        }
        #expect(end("1", session)?.contains(#""names":{"Bash":100}"#) == true)
    }
}
