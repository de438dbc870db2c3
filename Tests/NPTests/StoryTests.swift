// What a story tells of sequences of events.

import NeuraphageEvents
import NeuraphagePresentation
import TestSupport
import Testing

@testable import NeuraphageProjections
@testable import NeuraphageStatus
@testable import np

@Suite("A story", .apart)
struct StoryTests {
    private static let session: [(String, JSONValue)] = [("agent", "claude"), ("session", "s1")]

    private static func payload(_ members: [(String, JSONValue)]) -> Payload { Payload(.object(session + members)) }

    /// A day on which claude begins the task `t` at 10:00, with a prompt.
    private static func begun() -> LoggedDay {
        var day = LoggedDay()
        day.add(
            "10:00:00",
            .taskStarted,
            from: "t",
            payload([("worktree", "/wt/t"), ("repo", "/r"), ("common_dir", "/r/.git")])
        )
        day.add("10:00:00", .agentSessionStarted, from: "t", payload([]))
        day.add("10:00:01", .agentTurnStarted, from: "t", payload([("prompt_bytes", 7)]))
        return day
    }

    private static func turn(
        _ failed: Int,
        last: JSONValue = "failed",
        files: Int = 0,
        since: Int? = nil,
        and members: [(String, JSONValue)] = []
    ) -> Payload {
        let change: [(String, JSONValue)] = since.map { [("since_change", .integer($0))] } ?? []
        let check: [(String, JSONValue)] = [
            ("check", "make test"), ("n", .integer(failed)), ("failed", .integer(failed)), ("last", last),
        ]
        return payload(
            [("checks", .array([.object(check + change)])), ("files_count", .integer(files))] + members
        )
    }

    private static func words(_ story: Story) -> [String] { story.entries.map(\.words) }

    private static func mark(_ event: Event) -> EventMark {
        EventMark(id: event.id, time: event.timestamp, place: EventPlace(segment: 0, offset: 0))
    }

    private static func status(_ phase: TaskStatus.Phase, by source: TaskStatus.Evidence.Source) -> TaskStatus {
        Boards.status("t", phase, "detail", source: source, words: "evidence")
    }

    @Test("that goes on ends with the status that np shows; where both mean the same, the story's end says more")
    func seen() {
        let day = Self.begun()
        var story = day.story(of: "t", at: "10:06:00")
        #expect(story.state.words == "working")
        story.take(Self.status(.working, by: .log))
        #expect(story.state.words == "working" && story.state.reason == nil)
        story.take(Self.status(.failed, by: .log))
        #expect(story.state.words == "FAILED" && story.state.reason == "detail (evidence)")
        story.take(Self.status(.exited, by: .process))
        #expect(story.state.words == "exited without a word" && story.state.tone == .trouble)
        story.take(Self.status(.unknown, by: .log))
        #expect(story.state.words == "unknown" && !story.isOver)
    }

    @Test("takes nothing for the cause of a state that the story did not come to, and leaves a conflict to be resolved")
    func otherCause() {
        var day = Self.begun()
        let touched: JSONValue = [["file": "a", "commits": [["commit": "c"]]]]
        day.add("10:01:00", .rebaseConflict, from: "t", ["files": ["a"], "onto": "c", "touched": touched])
        day.add("10:02:00", .agentSessionEnded, from: "t", Self.payload([]))
        let end = day.add("10:03:00", .taskFailed, from: "t", ["error": "no"])
        var story = day.story(of: "t", at: "10:04:00")
        #expect(story.guesses == ["a: c and this branch both change it"] && story.state.event == end)
        var status = Self.status(.unknown, by: .process)
        status.logged.begin = Self.mark(day.events[0])
        status.logged.end = .init(outcome: .failed, mark: Self.mark(day.events[5]))
        (status.phase, status.detail) = (.exited, "np run was killed")
        story.take(status)
        #expect(story.state.words == "exited without a word" && story.guesses.isEmpty)
        var open = day.story(of: "t", at: "10:02:30")
        open.take(Self.status(.failed, by: .log))
        #expect(open.guesses.isEmpty && open.next?.command() == "git -C /wt/t rebase c")
    }

    @Test("of a life that has ended keeps the end, and says besides that its agent asks")
    func asksAfterEnd() throws {
        var day = Self.begun()
        day.add("10:05:00", .taskCompleted, from: "t", ["summary": "squashed"])
        let wait = day.add(
            "10:06:00",
            .agentWaiting,
            from: "t",
            Self.payload([("for", "permission"), ("tool", "Bash")])
        )
        var status = Self.status(.asks, by: .log)
        status.since = day.time("10:06:00")
        status.evidence.event = wait
        status.logged.begin = Self.mark(day.events[0])
        var session = LoggedTask.Session(agent: "claude", id: "s1", lastHeard: day.time("10:06:00"))
        session.waits = [
            LoggedTask.Wait(mark: Self.mark(try #require(day.events.last)), reason: "permission", tool: "Bash")
        ]
        status.logged.sessions = [session]
        status.agents = [.init(agent: "claude", session: "s1", presence: .alive)]
        var story = day.story(of: "t", at: "10:08:00")
        story.take(status)
        #expect(story.state.words == "done" && story.isOver && story.now?.words == "ASKS YOU")
        #expect(
            story.open.first?.words == "claude waits for you: permission to use Bash"
                && story.next?.command() == "np go t"
        )
        let page = day.page(of: story, at: "10:08:00")
        #expect(page.first == "t done at 10:05:00, 5 min 0 s after claude began, and now ASKS YOU:")
        #expect(page.contains("Now     ASKS YOU since 10:06:00 (2 min 0 s): detail (evidence)"))
        #expect(page.contains("Open    claude waits for you: permission to use Bash (since 10:06:00)"))

        // An end that is all there is to say stays as it is, with the agent that has not gone.
        var done = day.story(of: "t", at: "10:08:00")
        status.phase = .done
        done.take(status)
        #expect(
            done.state.reason == "squashed" && done.now == nil && done.open.map(\.words) == ["claude is still there"]
        )

        // Another life is not this one's end.
        var before = day.story(of: "t", at: "10:08:00")
        before.take(Self.status(.working, by: .process))
        #expect(before.state.words == "done" && before.now?.words == "working" && before.open.isEmpty)
    }

    @Test("has nothing open that a process waited for, held, or ran which is gone")
    func goneHolders() {
        var day = Self.begun()
        day.add("10:01:00", .agentWaiting, from: "t", Self.payload([("for", "permission"), ("tool", "Bash")]))
        day.add("10:02:00", .lockAcquired, from: "t", ["resource": "build"])
        day.add("10:03:00", .runStarted, from: "t", ["command": "make"])
        var story = day.story(of: "t", at: "10:06:00")
        #expect(story.open.count == 3)
        var status = Self.status(.exited, by: .process)
        status.logged.begin = Self.mark(day.events[0])
        story.take(status)
        #expect(story.open.isEmpty && story.state.words == "exited without a word")
    }

    @Test("says of an agent that has gone on to another task that it did, and not that it works here")
    func moved() {
        var day = Self.begun()
        day.add("10:01:00", .agentWaiting, from: "t", Self.payload([("for", "permission"), ("tool", "Bash")]))
        day.add("10:02:00", .agentTurnStarted, from: "u", Self.payload([]))
        day.add("10:03:00", .agentSessionEnded, from: "u", Self.payload([]))
        let story = day.story(of: "t", at: "10:04:00")
        #expect(story.state.words == "stopped" && story.state.reason == "claude went on to u" && story.open.isEmpty)
        #expect(story.state.since == day.time("10:02:00") && Self.words(story).last == "claude went on to u")
    }

    @Test("has exited if its end was concluded; FAILED is only what was told")
    func concluded() {
        var day = Self.begun()
        day.add("10:05:00", .taskFailed, from: "t", ["error": "how its command ended is not known", "inferred": true])
        let story = day.story(of: "t", at: "10:06:00")
        #expect(story.state.words == "exited without a word")
        #expect(Self.words(story).last == "exited without a word: how its command ended is not known (inferred)")
    }

    @Test("of an agent that waits says for what, since when, and how to get there")
    func waiting() {
        var day = Self.begun()
        day.add("10:05:00", .agentWaiting, from: "t", Self.payload([("for", "permission"), ("tool", "Bash")]))
        let story = day.story(of: "t", at: "10:06:00")
        #expect(story.state.words == "ASKS YOU" && story.state.since == day.time("10:05:00"))
        #expect(story.state.reason == "claude wants permission to use Bash" && story.next?.command() == "np go t")
        #expect(story.open.map(\.words) == ["claude waits for you: permission to use Bash"] && !story.isOver)
        day.add(
            "10:07:00",
            .agentResumed,
            from: "t",
            Self.payload([
                ("for", "permission"), ("tool", "Bash"), ("how", "denied"), ("waited_ms", 120_000),
                ("begin", .string(LoggedDay.id(4).description)),
            ])
        )
        let later = day.story(of: "t", at: "10:08:00")
        #expect(later.state.words == "working" && later.open.isEmpty)
        #expect(Self.words(later).last == "claude waited for you: permission to use Bash, denied")
        #expect(later.entries.last?.duration == .seconds(120))
    }

    @Test("folds waits of the same sort that follow one another, and adds up how long they were")
    func foldedWaits() {
        var day = Self.begun()
        for minute in 1...3 {
            let wait = day.add(
                "10:0\(minute):00",
                .agentWaiting,
                from: "t",
                Self.payload([("for", "permission"), ("tool", "Bash")])
            )
            day.add(
                "10:0\(minute):20",
                .agentResumed,
                from: "t",
                Self.payload([
                    ("for", "permission"), ("tool", "Bash"), ("how", "allowed"), ("waited_ms", 20_000),
                    ("begin", .string(wait.description)),
                ])
            )
        }
        let last = day.story(of: "t", at: "10:05:00").entries.last
        #expect(last?.count == 3 && last?.duration == .seconds(60))
    }

    @Test(
        "says that a check failed again with no edit between only if no turn has changed a file since it failed first"
    )
    func edits() {
        var day = Self.begun()
        day.add("10:01:00", .agentTurnEnded, from: "t", Self.turn(1))
        day.add("10:02:00", .agentTurnEnded, from: "t", Self.turn(2))
        #expect(Self.words(day.story(of: "t", at: "10:03:00")).last == "make test failed 3 times with no edit between")
        day.add("10:04:00", .agentTurnEnded, from: "t", Self.turn(1, files: 2))
        #expect(Self.words(day.story(of: "t", at: "10:05:00")).last == "make test failed")
        day.add("10:06:00", .agentTurnEnded, from: "t", Self.turn(1))
        #expect(Self.words(day.story(of: "t", at: "10:07:00")).last == "make test failed twice")
        day.add("10:07:10", .agentTurnEnded, from: "t", Self.turn(5, files: 2, since: 3))
        #expect(Self.words(day.story(of: "t", at: "10:07:20")).last == "make test failed 3 times with no edit between")
        day.add("10:07:30", .agentTurnEnded, from: "t", Self.turn(5, files: 2, since: 0))
        let edited = day.story(of: "t", at: "10:07:40")
        #expect(Self.words(edited).last == "make test failed 5 times" && edited.state.reason == nil)
        day.add("10:08:00", .agentTurnEnded, from: "t", Self.turn(1, last: "passed"))
        let story = day.story(of: "t", at: "10:09:00")
        #expect(Self.words(story).last == "make test failed once, then passed" && story.state.words == "stopped")
        #expect(story.state.reason == nil)
    }

    @Test("an agent whose check fails and whose session ends has given up; one that changed a file after that has not")
    func gaveUp() {
        var day = Self.begun()
        day.add("10:01:00", .agentTurnEnded, from: "t", Self.turn(2))
        var other = day
        day.add("10:02:00", .agentSessionEnded, from: "t", Self.payload([("reason", "exit")]))
        let story = day.story(of: "t", at: "11:00:00")
        #expect(story.state.words == "GAVE UP" && story.isOver)
        #expect(story.state.reason == "make test failed twice with no edit between, and claude then gave up")
        #expect(story.next?.command() == "cd /wt/t && make test")
        other.add("10:02:00", .agentTurnEnded, from: "t", Self.payload([("files_count", 1)]))
        other.add("10:03:00", .agentSessionEnded, from: "t", Self.payload([("reason", "exit")]))
        #expect(other.story(of: "t", at: "11:00:00").state.words == "stopped")
    }

    @Test("of an agent that is gone says that it said nothing, and how it goes on")
    func gone() {
        var day = Self.begun()
        day.add("10:01:00", .agentSessionEnded, from: "t", Self.payload([("inferred", true)]))
        let story = day.story(of: "t", at: "10:02:00")
        #expect(
            story.state.words == "exited without a word" && story.next?.command() == "cd /wt/t && claude --resume s1"
        )
        #expect(Self.words(story).last == "claude is gone: its process ended in a turn without a word")
    }

    @Test("of a turn that ended with an error says which, and when the limit ends")
    func limited() {
        var day = Self.begun()
        day.add("10:01:00", .agentTurnEnded, from: "t", Self.payload([("error", "rate_limit"), ("until", "15:00")]))
        let story = day.story(of: "t", at: "10:02:00")
        #expect(story.state.words == "limited" && story.state.reason == "rate_limit, until 15:00")
        day = Self.begun()
        let until: [(String, JSONValue)] = [("error", "rate_limit"), ("until", "2026-11-27T23:00:00.000000Z")]
        day.add("10:01:00", .agentTurnEnded, from: "t", Self.payload(until))
        let page = day.page(of: "t", at: "10:02:00", width: 100)
        #expect(Array(page.prefix(2)) == ["t limited since 10:01:00 (1 min 0 s):", "rate_limit, until 23:00:00"])
        #expect(page.contains { $0.hasSuffix("claude's turn ended with an error: rate_limit, until 23:00:00") })
        let over = day.story(of: "t", at: "23:30:00").state
        #expect(over.words == "stopped" && over.reason == "its limit is over" && over.since == day.time("23:00:00"))
        #expect(Self.words(story).last == "claude's turn ended with an error: rate_limit, until 15:00")
    }

    @Test("says how long an order to rebase was not read, or that it still is not")
    func orders() {
        var day = Self.begun()
        let moved = day.add(
            "10:01:00",
            .mainUpdated,
            ["common_dir": "/r/.git", "commit": "abc", "count": 1, "how": "commits"]
        )
        let order = day.add(
            "10:01:01",
            .rebaseRequired,
            to: "t",
            ["commits_behind": 1, "cause": .string(moved.description)]
        )
        #expect(
            day.story(of: "t", at: "10:02:00").open.map(\.words) == [
                "1 commit behind main", "an order to rebase was not read",
            ]
        )
        day.add(
            "10:03:01",
            .notificationRead,
            from: "t",
            ["notification": .string(order.description), "commits_behind": 4]
        )
        let story = day.story(of: "t", at: "10:04:00")
        #expect(Array(Self.words(story).suffix(2)) == ["main abc", "told to rebase, 1 behind; read after 2 min 0 s"])
        #expect(story.entries.last?.depth == 1 && story.open.map(\.words) == ["1 commit behind main"])
        day.add("10:05:00", .rebaseCompleted, from: "t", ["cause": .string(order.description)])
        #expect(day.story(of: "t", at: "10:06:00").open.isEmpty)
    }

    @Test("moves of another repository's main are not this task's")
    func otherRepository() {
        var day = Self.begun()
        day.add("10:01:00", .rebaseRequired, to: "t", ["commits_behind": 1])
        day.add("10:02:00", .mainUpdated, ["common_dir": "/other/.git", "commit": "abc", "count": 5, "how": "commits"])
        #expect(day.story(of: "t", at: "10:03:00").open.first?.words == "1 commit behind main")
    }

    @Test("takes a message to a name like the task's for one that went astray, as a guess, unless a task has that name")
    func astray() {
        var day = LoggedDay()
        day.add("10:00:00", .taskStarted, from: "parser-1", [:])
        day.add("10:01:00", .nudgeSent, to: "prser-1", ["message": "hello"])
        day.add("10:01:00", .nudgeSent, to: "parser-2", ["message": "another number"])
        day.add("10:01:00", .nudgeSent, to: "parsers-1", ["message": "a task"])
        day.add("10:02:00", .taskStarted, from: "parsers-1", [:])
        let open = day.story(of: "parser-1", at: "10:03:00").open
        #expect(open.map(\.words) == [#"a nudge to prser-1: "hello""#] && open.allSatisfy(\.isGuess))
    }

    @Test("says what the log lacks of that time, and when daemons began")
    func completeness() {
        var day = Self.begun()
        day.add("10:01:00", .sessionEnded, ["session": "a"])
        day.add("10:01:02", .sessionStarted, ["session": "b", "previous": "clean"])
        day.add("10:02:00", .sessionStarted, ["session": "c", "previous": "unclean"])
        #expect(day.story(of: "t", at: "10:03:00").log.isComplete)
        day.add("10:03:00", .logGap, ["lost": 72])
        let log = day.story(of: "t", at: "10:04:00").log
        #expect(log.lostEvents == 72 && !log.isComplete)
        #expect(log.restarts.map(\.hasDied) == [false, true] && log.restarts.map(\.away) == [.seconds(2), nil])
        let page = day.page(of: "t", at: "10:04:00")
        #expect(page.contains("Log     not complete: 72 events are lost; daemon died and was started 10:02:00"))
    }

    @Test("says nothing of daemons that died after its end, nor of restarts that lost nothing")
    func restarts() {
        var day = Self.begun()
        day.add("10:01:00", .agentSessionEnded, from: "t", Self.payload([("inferred", true)]))
        day.add("10:02:00", .sessionStarted, ["session": "c", "previous": "unclean"])
        let story = day.story(of: "t", at: "10:03:00")
        #expect(story.isOver && story.restarts.isEmpty)
        #expect(day.page(of: story, at: "10:03:00").contains("Log     complete for these 1 min 0 s"))
        var quiet = Self.begun()
        quiet.add("10:01:00", .sessionStarted, ["session": "b", "previous": "clean"])
        #expect(quiet.page(of: "t", at: "10:02:00").contains("Log     complete for these 2 min 0 s"))
    }

    @Test("concludes nothing of a turn that was cut off with its check failing, and marks what it does conclude")
    func cutOff() {
        var ended = Self.begun()
        ended.add("10:01:00", .agentTurnEnded, from: "t", Self.turn(1))
        var inTurn = ended
        ended.add("10:02:00", .agentSessionEnded, from: "t", Self.payload([("reason", "clear")]))
        let given = ended.story(of: "t", at: "10:03:00")
        #expect(
            given.state.words == "GAVE UP" && given.guesses == ["it gave up: it ended its turn with make test failing"]
        )

        inTurn.add("10:01:30", .agentTurnStarted, from: "t", Self.payload([]))
        inTurn.add("10:02:00", .agentSessionEnded, from: "t", Self.payload([("reason", "logout")]))
        let left = inTurn.story(of: "t", at: "10:03:00")
        #expect(left.state.words == "CHECK FAILED" && left.guesses.isEmpty)
        #expect(left.state.reason == "make test failed, and then the session was ended in a turn")

        var stopped = Self.begun()
        stopped.add("10:01:00", .agentTurnEnded, from: "t", Self.turn(1, and: [("interrupted", true)]))
        stopped.add("10:02:00", .agentSessionEnded, from: "t", Self.payload([("reason", "prompt_input_exit")]))
        let story = stopped.story(of: "t", at: "10:03:00")
        #expect(story.state.words == "CHECK FAILED")
        #expect(story.state.reason == "make test failed, and claude was interrupted")
    }

    @Test("marks a denial that no hook has told as a guess")
    func guessedDenial() {
        var day = Self.begun()
        let wait = day.add(
            "10:05:00",
            .agentWaiting,
            from: "t",
            Self.payload([("for", "permission"), ("tool", "Bash")])
        )
        let how: [(String, JSONValue)] = [
            ("for", "permission"), ("tool", "Bash"), ("how", "denied"), ("inferred", true),
        ]
        day.add("10:07:00", .agentResumed, from: "t", Self.payload(how + [("begin", .string(wait.description))]))
        #expect(
            Self.words(day.story(of: "t", at: "10:08:00")).last
                == "claude waited for you: permission to use Bash, denied (np's guess)"
        )
    }

    @Test("counts the turns of each session for itself")
    func twoAgents() {
        var day = Self.begun()
        let other: Payload = ["agent": "codex", "session": "s2"]
        day.add("10:01:00", .agentTurnEnded, from: "t", Self.payload([]))
        for minute in 2...3 {
            day.add("10:0\(minute):00", .agentTurnStarted, from: "t", other)
            day.add("10:0\(minute):30", .agentTurnEnded, from: "t", other)
        }
        #expect(
            Self.words(day.story(of: "t", at: "10:05:00")).suffix(2) == [
                "claude worked: 1 turn", "codex worked: 2 turns",
            ]
        )
    }

    @Test("tells of a lock that its task holds, also if that is all there is")
    func heldLock() {
        var day = LoggedDay()
        day.add("10:00:00", .lockAcquired, from: "t", ["resource": "build", "waited_ms": 0])
        let story = day.story(of: "t", at: "10:01:00")
        #expect(Self.words(story) == ["took lock build"] && story.open.map(\.words) == ["holds lock build"])
    }

    @Test("suggests commands that take a name for a name, and that find the same log")
    func commands() {
        var day = LoggedDay()
        day.add("10:00:00", .taskStarted, from: "-rf", Self.payload([]))
        day.add("10:00:01", .agentTurnStarted, from: "-rf", Self.payload([]))
        let next = day.story(of: "-rf", at: "10:01:00").next
        #expect(next?.command(options: " --data-dir copy") == "np go task:-rf --data-dir copy")
        #expect(Story.Step.why("7").command() == "np why task:7" && Story.Step.why("a b").command() == "np why 'a b'")
        var page = StoryPage(story: day.story(of: "-rf", at: "10:01:00"), clock: .utc, now: day.time("10:01:00"))
        page.options = " --data-dir copy"
        let lines = page.lines.map { $0.text(Style(isColored: false), width: nil) }
        #expect(lines.suffix(2).allSatisfy { $0.hasSuffix(" --data-dir copy") })
    }

    @Test("takes nothing for a cause that comes later, or is the event itself")
    func circles() {
        var day = LoggedDay()
        for number in 1...3 {
            let cause = LoggedDay.id(number % 3 + 1).description
            day.add(
                "10:00:0\(number)",
                .rebaseConflict,
                from: "t",
                ["cause": .string(cause), "files": [.string("f\(number)")]]
            )
        }
        day.add("10:00:05", .taskFailed, from: "t", ["cause": .string(LoggedDay.id(4).description), "error": "no"])
        let story = day.story(of: "t", at: "10:01:00")
        #expect(story.entries.map(\.depth) == [0, 0, 1, 0] && !story.log.hasBegin)
    }

    @Test("shows no duration of what ended before it began, as clocks say that step back")
    func clocks() {
        var day = LoggedDay()
        let run = day.add("10:00:00", .runStarted, from: "t", ["command": "make"])
        day.add("09:00:00", .runEnded, from: "t", ["begin": .string(run.description), "error": "exit code 2"])
        let story = day.story(of: "t", at: "10:01:00")
        #expect(story.entries.map(\.duration) == [nil] && Self.words(story) == ["run failed: make: exit code 2"])
    }

    @Test("keeps to the order of the log where clocks step back")
    func order() {
        var day = Self.begun()
        day.add("10:05:00", .nudgeSent, to: "t", ["message": "first"])
        day.add("09:00:00", .runEnded, from: "t", ["error": "exit code 2", "duration_ms": 500])
        day.add("09:00:01", .nudgeSent, to: "t", ["message": "last"])
        #expect(
            Array(Self.words(day.story(of: "t", at: "10:06:00")).suffix(3)) == [
                #"told "first""#, "run failed: exit code 2", #"told "last""#,
            ]
        )
    }

    @Test("of twenty thousand events keeps two thousand, and says how many it left out")
    func bounded() {
        var day = Self.begun()
        for number in 0..<20_000 { day.add("10:01:00", .nudgeSent, to: "t", ["message": .string("word \(number)")]) }
        day.add("10:02:00", .taskFailed, from: "t", ["error": "no"])
        let story = day.story(of: "t", at: "10:03:00")
        #expect(story.log.leftOut == 20_004 - 2_048 && story.state.words == "FAILED")
        let page = day.page(of: story, at: "10:03:00")
        #expect(page.count <= 23 && page.contains { $0.contains("more lines: np why t --all") })
        #expect(page.contains { $0.contains("17956 events between are left out here") })
    }

    @Test("fits a narrow terminal whatever its words are, wide ones too, and hands a terminal nothing to act on")
    func hostile() {
        var day = Self.begun()
        let evil = "\u{1b}[31m修复解析器修复解析器修复解析器修复解析器修复解析器修复解析器\n\u{202e}x " + String(repeating: "w", count: 500)
        day.add("10:01:00", .nudgeSent, from: evil, to: "t", ["message": .string(evil)])
        day.add("10:01:00", .rebaseConflict, from: "t", ["files": [.string(evil)], "onto": .string(evil)])
        day.add("10:02:00", .taskFailed, from: "t", ["error": .string(evil)])
        for height in [nil, 23] {
            let page = day.page(of: "t", at: "10:03:00", height: height)
            for line in page where !line.hasPrefix("Next") { #expect(line.cells <= 80, "\(line)") }
            #expect(!page.joined().unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x202e })
        }
    }
}
