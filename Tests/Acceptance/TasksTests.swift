// np, which is np tasks: what a person and a script get from it.

import Foundation
import TestSupport
import Testing

@Suite("np", .apart)
struct TasksTests {
    let home: Home

    init() throws { home = try Home() }

    /// One task that has failed, and one that is done.
    private func recordTwo() async throws {
        try await home.np("run", "--task", "good", "--", "true")
        try await home.np("run", "--task", "bad", "--", "sh", "-c", "exit 3")
    }

    private func document(_ finished: Finished) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(finished.bytes)) as? [String: Any])
    }

    @Test("says what to type where nothing is recorded yet")
    func nothing() async throws {
        let none = try await home.np()
        #expect(none.out == "" && none.status == 0 && none.errorLines.count == 2)
        #expect(none.err.contains("nothing is recorded yet") && none.err.contains(home.log))
        #expect(none.err.contains("hint: np init") && none.err.contains("np demo"))
        try home.write("", to: home.log)
        let empty = try await home.np()
        #expect(empty.err.contains("there are no tasks in \(home.log) yet") && empty.status == 0)
        #expect(try document(try await home.np("-o", "json"))["tasks"] as? [String] == [])
    }

    @Test("shows what went wrong before what is done, the same as np tasks")
    func order() async throws {
        try await recordTwo()
        let shown = try await home.np()
        #expect(shown.status == 0 && shown.err == "")
        let states = shown.lines.filter { $0.contains("x bad ") || $0.contains("ok good ") }
        try #require(states.count == 2, "\(shown.lines)")
        #expect(states[0].contains("x bad") && states[1].contains("ok good"))
        #expect(states[0].contains("  failed  ") && states[1].contains("  done"))
        #expect(shown.lines[0].hasPrefix("2 tasks, none waits for you, 1 went wrong"))
        #expect(shown.lines.contains("next: np why bad · np --watch"))
        let named = try await home.np("tasks")
        #expect(named.lines.count == shown.lines.count && named.lines[0] == shown.lines[0])
    }

    @Test("shows only the tasks that are asked for, and knows which there are")
    func filter() async throws {
        try await recordTwo()
        let words = [["tasks", "good"], ["tasks", "-t", "good"], ["-t", "good"]]
        for arguments in words {
            let shown = try await home.run(Home.np, arguments)
            #expect(shown.lines.filter { $0.contains(" bad ") }.isEmpty && shown.out.contains("ok good"))
        }
        let unknown = try await home.np("-t", "goop")
        #expect(unknown.status == 64 && unknown.out == "")
        #expect(unknown.errorLines == ["np: there is no task 'goop'", "hint: did you mean 'good'?"])
    }

    @Test("is one JSON document for programs")
    func json() async throws {
        try await recordTwo()
        let json = try document(try await home.np("-o", "json"))
        let tasks = try #require(json["tasks"] as? [[String: Any]])
        try #require(tasks.map { $0["task"] as? String } == ["bad", "good"])
        #expect(tasks.map { $0["phase"] as? String } == ["failed", "done"])
        #expect(tasks[0]["went_wrong"] as? Bool == true && tasks[0]["since"] is String)
        #expect((tasks[0]["end"] as? [String: Any])?["outcome"] as? String == "failed")
    }

    @Test("exits with what a script asks for")
    func exitStatus() async throws {
        try await home.np("run", "--task", "good", "--", "true")
        #expect(try await home.np("--exit-status").status == 0)
        try await home.np("run", "--task", "bad", "--", "false")
        #expect(try await home.np("--exit-status").status == 5)
        #expect(try await home.np().status == 0)
    }

    @Test("shows how it was at a time")
    func past() async throws {
        try home.write(log: [
            Sample.line(1, "TaskStarted", task: #""a""#), Sample.line(2, "TaskFailed", task: #""a""#),
            Sample.line(3, "TaskStarted", task: #""b""#),
        ])
        let early = try await home.np("--at", "2000-01-01")
        #expect(early.out == "" && early.err.contains("there were no tasks in \(home.log) then"))
        let json = try document(try await home.np("--at", "now", "-o", "json", "--all"))
        #expect(json["is_past"] as? Bool == true && (json["tasks"] as? [Any])?.count == 2)
        #expect(try await home.np("--at", "soon").status == 64)
    }

    @Test("refuses what makes no sense together, and what is no command")
    func refusals() async throws {
        for arguments in [
            ["--bell"], ["--watch", "--at", "1h"], ["--watch", "-o", "json"], ["--watch", "--exit-status"],
        ] {
            let result = try await home.run(Home.np, arguments)
            #expect(result.status == 64 && result.out == "", "\(arguments)")
        }
        let watch = try await home.np("--watch")
        #expect(watch.status == 64 && watch.errorLines.count == 2 && watch.err.contains("standard output is none"))
        let command = try await home.np("evnts")
        #expect(command.status == 64 && command.err.contains("did you mean 'np events'?"))
        #expect(command.err.contains("say np tasks evnts or np why evnts."))
        #expect(try await home.np("1").err.contains("say np go 1 or np why 1."))
        let misplaced = try await home.np("--data-dir", "a copy", "why")
        #expect(misplaced.status == 64 && misplaced.err.contains("np why --data-dir 'a copy'"))
        #expect(try await home.np("--help").out.contains("tasks (default)"))
    }

    @Test("names commands with the data directory that was typed")
    func suggestions() async throws {
        try await recordTwo()
        try await home.shell("cp -r .local/share/neuraphage 'a copy'; echo no event >>'a copy/event_log.jsonl'")
        let copy = try await home.np("--data-dir", "a copy")
        #expect(copy.out.contains("the log has 1 unreadable line: np events verify --data-dir 'a copy'"), "\(copy.out)")
        #expect(copy.out.contains("np why bad --data-dir 'a copy'"), "\(copy.out)")
    }

    @Test("numbers tasks on a terminal, and a number means what that terminal has shown")
    func numbers() async throws {
        try await recordTwo()
        try await home.np("emit", "NudgeSent", "--to", "bad", "message=look")
        func session(_ script: String) async throws -> Finished {
            try await home.shell(
                #"script -qec "bash -c '$SCRIPT'" /dev/null"#,
                environment: ["SCRIPT": script, "NO_COLOR": "1", "PAGER": "cat"]
            )
        }
        let shown = try await session(
            #"$NP; $NP run --task zero -- true; $NP inbox 1; $NP events --no-pager -t %2 -n 1"#
        )
        #expect(shown.out.contains("1  x bad ") && shown.out.contains("2 ok good "), "\(shown.out)")
        #expect(shown.out.contains("np: 1 is bad, in the list of ") && shown.out.contains("look"))
        #expect(shown.lines.last?.contains("TaskCompleted") == true && shown.lines.last?.contains("good") == true)
        // Another terminal has shown nothing.
        let other = try await session(#"$NP inbox 1; $NP inbox %1"#)
        #expect(other.out.contains("there is no task '1'"), "\(other.out)")
        #expect(other.out.contains("no tasks were numbered in this terminal yet"))
        // In a pipe, nothing is numbered.
        #expect(try await home.np().out.contains("\n x bad"))
    }

    @Test("keeps a task reachable that is called like a number")
    func numberNames() async throws {
        try await home.np("run", "--task", "1", "--", "true")
        try await home.np("run", "--task", "bad", "--", "false")
        let shown = try await home.shell(
            #"""
            script -qec "bash -c '$NP; $NP inbox 1; $NP inbox %1; $NP inbox task:1'" /dev/null
            """#
        )
        #expect(shown.out.contains("'1' is bad in the list shown here, and another task's name"), "\(shown.out)")
        #expect(shown.out.contains("hint: say %1 for bad, or task:1 for the task of that name"))
        #expect(shown.out.contains("nothing unread for bad") && shown.out.contains("nothing unread for 1"))
    }
}
