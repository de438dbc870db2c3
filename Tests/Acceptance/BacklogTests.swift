// A hook finds more of the log than it has time to read.

import NeuraphagePlatform
import TestSupport
import Testing

@Suite("A prompt that comes when much of the log is unread", .apart)
struct BacklogTests {
    private let me: SetUpHome
    private var home: Home { me.home }
    private var checkpoint: String { home.dataDirectory + "/projections/inboxes" }

    init() async throws {
        me = try await SetUpHome()
        try await me.initialize()
        try await me.git("worktree", "add", "-q", me.home("add-login"))
        let filler = (1...5_000).map { Sample.line($0, "LockAcquired", payload: #"{"lock":"l"}"#) }
        try home.write(log: filler)
    }

    private func prompt() async throws -> Finished {
        let tree = home("add-login")
        let call = #"{"session_id":"s-1","hook_event_name":"UserPromptSubmit","cwd":"\#(tree)"}"#
        return try await home.run(
            Home.np,
            ["hook", "claude"],
            input: Array(call.utf8),
            environment: me.surroundings,
            in: tree
        )
    }

    @Test("tells nothing, and has it read in the background, so that the next one tells all")
    func next() async throws {
        try home.append(log: Sample.line(6_000, "NudgeSent", to: #""add-login""#, payload: #"{"message":"word"}"#))
        #expect(try await prompt().bytes.isEmpty)
        try wait(for: "the log to be read") { access(checkpoint, F_OK) == 0 }
        #expect(try await prompt().out.contains("word"))
    }

    @Test("has it read by one process: another one that is to do it ends at once")
    func once() async throws {
        let done = try await home.shell(
            """
            mkdir -p "${CHECKPOINT%/*}"
            flock "$CHECKPOINT.lock" "$NP" hook fold; ls "$CHECKPOINT" 2>&1 | grep -c "No such file"
            "$NP" hook fold; ls "$CHECKPOINT"
            """,
            environment: ["CHECKPOINT": checkpoint]
        )
        #expect(done.lines == ["1", checkpoint], "\(done.err)")
    }
}
