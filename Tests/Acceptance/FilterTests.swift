// Every filter of np events, alone and together.

import TestSupport
import Testing

@Suite("np events takes", .apart)
struct FilterTests {
    let home: Home

    init() throws {
        home = try Home()
        try home.write(log: [
            Sample.line(1, "TaskStarted", task: #""eg-1""#, payload: #"{"title":"Grow the Parser"}"#),
            Sample.line(2, "TaskFailed", task: #""eg-1""#, payload: #"{"error":"exit code 3","exit_code":3}"#),
            Sample.line(3, "RebaseRequired", to: #""eg-2""#, payload: #"{"commits_behind":1}"#),
            Sample.line(4, "RebaseConflict", task: #""eg-2""#, payload: #"{"files":["a.swift","b.swift"]}"#),
            Sample.line(
                5,
                #"{"Custom":"deploy-done"}"#,
                task: #""eg-3""#,
                payload: #"{"on":{"host":"web","port":80}}"#
            ),
            Sample.line(6, #"{"Custom":"LogGap"}"#, payload: #"{"lost":7}"#),
            Sample.line(7, "task_started", task: #""eg-3""#, payload: #"{"title":"parser tests","ok":true,"n":null}"#),
            Sample.line(8, "QuantumLeap", payload: #"{"text":"from a newer version"}"#),
        ])
    }

    /// The numbers of the events that come out.
    private func numbers(_ arguments: String...) async throws -> [Int] {
        let result = try await home.run(Home.np, ["events", "-o", "csv"] + arguments)
        #expect(result.status == 0)
        return result.lines.dropFirst().compactMap { Int($0.prefix(36).suffix(12)) }
    }

    @Test(
        "a kind in any spelling, by its beginning, as a glob, and custom kinds by name",
        arguments: [
            ("TaskStarted", [1, 7]), ("taskstarted", [1, 7]), ("task_started", [1, 7]), ("task-started", [1, 7]),
            ("rebase", [3, 4]), ("Re", [3, 4]), ("Rebase*", [3, 4]), ("*Conflict", [4]), ("Task?tarted", [1, 7]),
            ("custom:deploy-done", [5]), ("custom:deploy*", [5]), ("custom:*", [5, 6]), ("custom:LogGap", [6]),
            ("custom:other", []), ("Quantum*", [8]), ("*", [1, 2, 3, 4, 6, 7, 8]),
            ("log", [6]), ("LogGap", [6]), ("custom", [5, 6]), ("!task", [3, 4, 5, 6, 8]),
            ("!custom:*", [1, 2, 3, 4, 7, 8]),
            ("!loggap", [1, 2, 3, 4, 5, 7, 8]),
        ]
    )
    func kind(text: String, expected: [Int]) async throws {
        #expect(try await numbers("--kind", text) == expected)
    }

    @Test("some kinds and not others")
    func exclusion() async throws {
        #expect(try await numbers("-k", "task", "-k", "!TaskStarted") == [2])
        #expect(try await numbers("-k", "!task", "-k", "!custom:*", "-k", "!Quantum*") == [3, 4])
    }

    @Test("a kind that there isn't, and then says so")
    func noSuchKind() async throws {
        for (text, status) in [("Taks*", 64), ("*Teleported", 64), ("custom:deploi-done", 0)] {
            let result = try await home.np("events", "-k", text)
            #expect(result.status == Int32(status) && result.lines == [])
            #expect(
                result.errorLines.first == "np: no kind is called '\(text)', neither of np's nor of those in the log"
            )
        }
        let slip = try await home.np("events", "-k", "custom:deploi-done")
        #expect(slip.errorLines.contains("hint: did you mean custom:deploy-done?"))
        #expect(try await home.np("events", "-k", "Agent*").errorLines == ["np: no events match"])
    }

    @Test("a task as source or target, several as alternatives")
    func task() async throws {
        #expect(try await numbers("-t", "eg-2") == [3, 4])
        #expect(try await numbers("-t", "eg-2", "-t", "eg-3") == [3, 4, 5, 7])
        #expect(try await numbers("-t", "eg-2", "-t", "eg") == [3, 4])
        #expect(try await home.np("events", "-t", "eg").status == 64)
    }

    @Test("'.' for the task of the worktree, and says when there is none")
    func taskHere() async throws {
        let tree = home("tree")
        let made = try await home.shell("git init -q -b neuraphage/eg-2 '\(tree)'")
        #expect(made.status == 0, "\(made.err)")
        #expect(try await home.np("events", "-t", ".", in: tree).lines.count == 2)
        let outside = try await home.np("events", "-t", ".")
        #expect(outside.status == 64)
        #expect(outside.err.contains("worktree"))
    }

    @Test("--problems for all trouble, alone or as one of several kinds")
    func problems() async throws {
        #expect(try await numbers("-p") == [2, 4, 6])
        #expect(try await numbers("-p", "-k", "TaskStarted") == [1, 2, 4, 6, 7])
        #expect(try await numbers("-p", "-t", "eg-1") == [2])
    }

    @Test(
        "a text in task, kind or payload, whose capitals matter only if it has some",
        arguments: [
            ("parser", [1, 7]), ("Parser", [1]), ("PARSER", []), ("eg-2", [3, 4]), ("conflict", [4]),
            ("b.swift", [4]), ("exit_code", [2]), ("80", [5]), ("LogGap", [6]), ("leap", [8]), ("nowhere", []),
        ]
    )
    func grep(text: String, expected: [Int]) async throws {
        #expect(try await numbers("--grep", text) == expected)
    }

    @Test(
        "a value in the payload, at any depth",
        arguments: [
            (["payload.exit_code=3"], [2]), (["payload.exit_code=4"], []), (["payload.on.host=web"], [5]),
            (["payload.on.host=web", "payload.on.port=80"], [5]), (["payload.on.host=web", "payload.on.port=81"], []),
            (["payload.files.1=b.swift"], [4]), (["payload.ok=true"], [7]), (["payload.n=null"], [7]),
            (["payload.title=Grow the Parser"], [1]), (["payload.nothing="], []),
            (["payload.on={\"host\":\"web\",\"port\":80}"], [5]),
        ]
    )
    func condition(conditions: [String], expected: [Int]) async throws {
        let arguments = ["events", "-o", "csv"] + conditions.flatMap { ["--where", $0] }
        let result = try await home.run(Home.np, arguments)
        #expect(result.lines.dropFirst().compactMap { Int($0.prefix(36).suffix(12)) } == expected)
    }

    @Test(
        "--where only in the form it explains",
        arguments: ["branch=main", "payload=3", "payload.=3", "payload.a", ".a=1"]
    )
    func badCondition(text: String) async throws {
        let result = try await home.np("events", "--where", text)
        #expect(result.status == 64)
        #expect(result.err.contains("payload.key=value"))
    }

    @Test("--after, and shows what stands behind that event")
    func after() async throws {
        #expect(try await numbers("--after", Sample.id(5)) == [6, 7, 8])
        #expect(try await numbers("--after", Sample.id(8)) == [])
        #expect(try await numbers("--after", Sample.id(1), "-k", "rebase", "-n", "1") == [4])
        #expect(try await numbers("--after", Sample.id(5), "-r") == [8, 7, 6])
    }

    @Test("--after an event that is not there as a failure", arguments: [[], ["-n", "3"], ["-r"]])
    func afterUnknown(more: [String]) async throws {
        let result = try await home.run(Home.np, ["events", "--after", Sample.id(99)] + more)
        #expect(result.status == 1)
        #expect(result.out == "")
        #expect(result.err.contains(Sample.id(99)))
    }

    @Test("--last for the latest that match, in the order of the log, and --reverse for the other order")
    func lastAndReverse() async throws {
        #expect(try await numbers("-n", "3") == [6, 7, 8])
        #expect(try await numbers("-n", "100") == [1, 2, 3, 4, 5, 6, 7, 8])
        #expect(try await numbers("-n", "1", "-k", "TaskStarted") == [7])
        #expect(try await numbers("-n", "2", "-p") == [4, 6])
        #expect(try await numbers("-r") == [8, 7, 6, 5, 4, 3, 2, 1])
        #expect(try await numbers("-r", "-n", "2") == [8, 7])
        #expect(try await numbers("-r", "-n", "2", "-t", "eg-1") == [2, 1])
        #expect(try await numbers("-r", "-n", "1", "-g", "parser", "-S", "2026-01-01") == [7])
    }

    @Test("--last 0 and shows nothing")
    func lastZero() async throws {
        let result = try await home.np("events", "-n", "0")
        #expect(result.out == "" && result.status == 0)
    }

    @Test(
        "the same filters for a stream as for the log",
        arguments: [["-n", "2", "-p"], ["-r", "-n", "2"], ["-r"], ["-t", "eg-3"]]
    )
    func stream(arguments: [String]) async throws {
        let log = try await home.run(Home.np, ["events"] + arguments)
        let stream = try await home.run(Home.np, ["events", "-"] + arguments, input: try home.read(home.log))
        #expect(log.bytes == stream.bytes)
        #expect(!log.bytes.isEmpty)
    }

    @Test("several files as if they were one")
    func files() async throws {
        try home.write([1, 2].map { Sample.line($0) + "\n" }.joined(), to: home("a.jsonl"))
        try home.write([3, 4].map { Sample.line($0) + "\n" }.joined(), to: home("b.jsonl"))
        #expect(try await numbers("a.jsonl", "b.jsonl") == [1, 2, 3, 4])
        #expect(try await numbers("a.jsonl", "b.jsonl", "-n", "3") == [2, 3, 4])
        #expect(try await numbers("b.jsonl", "a.jsonl", "-r") == [2, 1, 4, 3])
        #expect(try await numbers("a.jsonl", "b.jsonl", "--after", Sample.id(2)) == [3, 4])
    }
}
