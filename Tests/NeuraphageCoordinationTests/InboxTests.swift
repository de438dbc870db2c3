// np nudge and np inbox as processes: who was told something gets it, once, and the log knows when.

import NeuraphageEvents
import Subprocess
import TestSupport
import Testing

@Suite("np inbox and np nudge", .apart)
struct InboxTests {
    let np: NPProcess

    init() throws {
        np = try NPProcess()
    }

    /// The times in what np printed, made one.
    private func timeless(_ text: String) -> String {
        text.replacing(/20\d\d-\d\d-\d\d \d\d:\d\d:\d\d/, with: "TIME")
    }

    @Test("a nudge lands in the inbox of the task it is for, and says whom it comes from")
    func nudge() async throws {
        let outcome = try await np.script(
            """
            NP_TASK=t-1 "$NP" nudge --anyway t-2 'try the other parser' --severity Warning >id
            "$NP" inbox t-2; NP_TASK=t-2 "$NP" inbox; "$NP" inbox t-1
            """
        )
        let line = "TIME  NudgeSent        t-1        → t-2 (try the other parser)\n"
        #expect(timeless(outcome.output) == line + line)
        let note = "np: note: no task is called 't-2' yet; it is told this if it begins\n"
        #expect(outcome.error == note + "np: there is nothing unread for t-1\n")
        let event = try #require(try np.loggedEvents().first)
        #expect(try np.loggedEvents().count == 1)
        #expect(event.payload == ["message": "try the other parser", "severity": "Warning"])
        #expect(try np.directory.text("id") == "\(event.id)\n")
    }

    @Test("gets what is sent after the task has ended if it begins again, and np nudge says so")
    func nudgeToEnded() async throws {
        let outcome = try await np.script(
            """
            "$NP" run --task t-2 -- true; "$NP" nudge t-2 one >/dev/null
            "$NP" emit TaskStarted --task t-2 >/dev/null; "$NP" nudge t-2 two >/dev/null
            "$NP" inbox t-2 | wc -l
            """
        )
        let notes = outcome.error.split(separator: "\n")
        #expect(notes.count == 2 && notes[0].hasPrefix("np: note: 't-2' has ended (TaskCompleted, "))
        #expect(notes.last?.hasPrefix("np: note: np sees no agent or command at work on 't-2'") == true)
        #expect(outcome.output.contains("2"))
    }

    @Test("shows everything that is addressed to the task, whatever its kind, oldest first")
    func kinds() async throws {
        let outcome = try await np.script(
            """
            "$NP" emit RebaseRequired --to t-2 commits_behind=2 >/dev/null
            "$NP" emit TaskStarted --task t-2 >/dev/null
            "$NP" nudge --anyway t-1 'for somebody else' >/dev/null
            "$NP" emit SyncRelayed --task t-1 --to t-2 learning='use flock' >/dev/null
            "$NP" inbox t-2 --json
            """
        )
        let shown = try outcome.output.split(separator: "\n").map { try Event(line: String($0)) }
        #expect(shown.map(\.kind) == [.rebaseRequired, .syncRelayed])
        #expect(shown.allSatisfy { $0.target == "t-2" })
    }

    @Test("shows a notification until somebody has acknowledged it, and logs who and how")
    func acknowledging() async throws {
        let outcome = try await np.script(
            """
            "$NP" nudge --anyway t-2 one >/dev/null
            "$NP" inbox t-2 | wc -l
            NP_TASK=t-1 "$NP" inbox t-2 --ack | wc -l
            "$NP" inbox t-2 --ack; echo $?
            "$NP" nudge --anyway t-2 two >/dev/null
            NP_TASK=t-2 "$NP" inbox --ack
            """
        )
        let lines = outcome.output.split(separator: "\n").map { $0.filter { $0 != " " } }
        #expect(lines.prefix(3) == ["1", "1", "0"])
        #expect(lines.count == 4 && lines.last?.hasSuffix("t-2(two)") == true)
        let events = try np.loggedEvents()
        let marks = events.filter { $0.kind == .custom("NotificationRead") }
        let nudges = events.filter { $0.kind == .nudgeSent }
        #expect(marks.map(\.source) == ["t-2", "t-2"] && marks.allSatisfy { $0.target == nil })
        #expect(
            marks.map(\.payload) == [
                ["notification": .string(nudges[0].id.description), "by": "t-1", "how": "np inbox"],
                ["notification": .string(nudges[1].id.description), "by": "t-2", "how": "np inbox"],
            ]
        )
    }

    @Test("hands each notification to one reader when many read at once")
    func onceForAll() async throws {
        let outcome = try await np.script(
            """
            for i in 1 2 3 4 5 6; do
                "$NP" nudge --anyway t-2 "word $i" >/dev/null &
                "$NP" inbox t-2 --ack --json >>shown 2>/dev/null &
                "$NP" inbox t-2 --ack --json >>shown 2>/dev/null &
            done
            wait
            "$NP" inbox t-2 --ack --json >>shown
            cat shown
            """
        )
        let shown = try outcome.output.split(separator: "\n").map {
            try Event(line: String($0)).payload["message"]?.text
        }
        #expect(shown.map { $0 ?? "" }.sorted() == (1...6).map { "word \($0)" })
    }

    @Test("marks nothing that it could not print")
    func closedOutput() async throws {
        let outcome = try await np.script(
            """
            "$NP" nudge --anyway t-2 one >/dev/null
            "$NP" inbox t-2 --ack >&-; echo $?
            "$NP" inbox t-2 | wc -l
            """
        )
        #expect(outcome.output.split(separator: "\n").map { $0.filter { $0 != " " } } == ["1", "1"])
        #expect(outcome.error.contains("np: cannot write to standard output"))
    }

    @Test("shows nothing and marks nothing if it cannot lock out other readers")
    func noLock() async throws {
        try np.directory.write("", to: "inbox")
        let outcome = try await np.script(#""$NP" nudge --anyway t-2 one >/dev/null; "$NP" inbox t-2 --ack"#)
        #expect(outcome.status == .exited(1))
        #expect(outcome.output == "")
        #expect(outcome.error.contains("np: cannot lock "))
        #expect(try np.loggedEvents().count == 1)
    }

    // MARK: - Waiting

    @Test("waits until something comes, and what another reader took is not what it waited for")
    func waiting() async throws {
        let outcome = try await np.script(
            """
            "$NP" emit LearningExtracted --task t-2 >/dev/null
            "$NP" inbox t-2 --ack --wait 4m >first & first=$!
            "$NP" inbox t-2 --ack --wait 4m >second & second=$!
            sh -c "$UNTIL" '[ -e inbox ]'
            "$NP" nudge --anyway t-1 'for somebody else' >/dev/null
            "$NP" nudge --anyway t-2 one >/dev/null
            sh -c "$UNTIL" '[ -s first ] || [ -s second ]'
            "$NP" nudge --anyway t-2 two >/dev/null
            wait $first && wait $second && cat first second
            """
        )
        let words = timeless(outcome.output).split(separator: "\n").compactMap { $0.split(separator: "(").last }
            .sorted()
        #expect(words == ["one)", "two)"], "\(outcome)")
    }

    @Test("waits also for what is pending for a session that ends without an answer, and says once that it is")
    func waitingForPending() async throws {
        let outcome = try await np.script(
            """
            export NP_TASK=t-2
            call() { echo '{"session_id":"s-1","cwd":"/","hook_event_name":"'$1'"}'; }
            call SessionStart | "$NP" hook claude; "$NP" nudge t-2 word >/dev/null; call UserPromptSubmit >prompt
            sh -c "$UNTIL" '"$NP" hook claude <prompt >>told; grep -q word told'
            "$NP" inbox --ack --wait 4m >got 2>said & reader=$!
            sh -c "$UNTIL" 'grep -q "left to it" said'
            "$NP" emit LearningExtracted --task t-2 >/dev/null
            call SessionEnd | "$NP" hook claude
            wait $reader; echo $?; grep -c word got; grep -c "left to it" said
            """
        )
        #expect(outcome.output == "0\n1\n1\n", "\(outcome)")
    }

    @Test("gives up in time and exits with 3", arguments: ["0", "1s"])
    func timeOut(wait: String) async throws {
        let outcome = try await np.script(
            #""$NP" emit LearningExtracted --task t-2 >/dev/null; "$NP" inbox t-2 --wait \#(wait)"#
        )
        #expect(outcome.status == .exited(3))
        #expect(outcome.output == "")
        #expect(outcome.error == "np: nothing came for t-2 in time\n")
    }

    @Test(
        "tell an agent all of a message of 3,000 bytes, and say where the rest is of a longer one; more than 8,000 are refused"
    )
    func longMessages() async throws {
        let outcome = try await np.script(
            """
            long() { printf "%0$1d" 0; }
            "$NP" nudge --anyway t-2 "$(long 3000) the end" >/dev/null
            "$NP" nudge --anyway t-3 "$(long 7000) the end" >/dev/null
            "$NP" nudge --anyway t-3 "$(long 8001)" >/dev/null; echo $?
            for task in t-2 t-3; do
                echo '{"session_id":"s-'$task'","cwd":"/","hook_event_name":"UserPromptSubmit"}' >prompt-$task
                export NP_TASK=$task
                sh -c "$UNTIL" '"$NP" hook claude <prompt-$NP_TASK >>told-$NP_TASK; [ -s told-$NP_TASK ]'
            done
            grep -c "0 the end" told-t-2; grep -c "cut; np inbox --all has all of it" told-t-3
            """
        )
        #expect(outcome.output == "64\n1\n1\n")
        #expect(outcome.error.contains("the message has 8001 bytes, and 8000 are the most"))
    }

    // MARK: - What becomes of a nudge

    @Test("np nudge --wait says when which session was handed it, as soon as that has answered; np tell is the same")
    func handedOver() async throws {
        let outcome = try await np.script(
            """
            hear() { echo '{"session_id":"s-1","cwd":"/","hook_event_name":"'$1'"}' | NP_TASK=t-2 "$NP" hook claude >>told; }
            hear SessionStart; hear UserPromptSubmit
            echo '{"session_id":"s-1","cwd":"/","hook_event_name":"PostToolBatch"}' >batch
            "$NP" tell t-2 'stop that' --wait 4m >said & sender=$!
            sh -c "$UNTIL" '[ -s said ]'
            sh -c "$UNTIL" 'NP_TASK=t-2 "$NP" hook claude <batch >>told; grep -q "stop that" told'
            "$NP" nudge --anyway t-1 'for another one' >/dev/null 2>&1
            wc -l <said
            hear Stop
            wait $sender; echo $?; tail -1 said
            """
        )
        let lines = timeless(outcome.output).split(separator: "\n").map(String.init)
        #expect(lines.prefix(2).map { $0.filter { $0 != " " } } == ["1", "0"], "\(outcome)")
        let said = lines.last?.replacing(/after [0-9a-z ]+/, with: "after 3s")
        #expect(said == "handed over at TIME, after 3s, to Claude Code's session s-1 (np hook claude PostToolBatch)")
    }

    @Test("np nudge --wait fails when its task ends first, and with 3 when nothing has answered in time")
    func notHandedOver() async throws {
        let outcome = try await np.script(
            """
            "$NP" emit TaskStarted --task t-2 >/dev/null
            "$NP" nudge t-2 one --wait 4m >said & sender=$!
            sh -c "$UNTIL" '[ -s said ]'
            "$NP" emit TaskCompleted --task t-2 >/dev/null
            wait $sender; echo $?
            "$NP" emit TaskStarted --task t-2 >/dev/null
            "$NP" nudge t-2 two --wait 0 >/dev/null; echo $?
            export NP_TASK=t-2
            hear() { echo '{"session_id":"s-1","cwd":"/","hook_event_name":"'$1'"}' | "$NP" hook claude; }
            echo '{"session_id":"s-1","cwd":"/","hook_event_name":"UserPromptSubmit"}' >prompt
            hear SessionStart
            sh -c "$UNTIL" '"$NP" hook claude <prompt >>told; grep -q two told'; echo 1
            echo '{"session_id":"s-1","cwd":"/","hook_event_name":"PostToolBatch"}' >batch
            "$NP" nudge t-2 three --wait 15s >said & sender=$!
            sh -c "$UNTIL" '"$NP" hook claude <batch >>told; grep -q three told'; echo 1
            wait $sender; echo $?
            """
        )
        #expect(outcome.output.split(separator: "\n") == ["1", "3", "1", "1", "3"], "\(outcome)")
        let errors = outcome.error.split(separator: "\n")
            .filter { !$0.hasPrefix("hint:") && !$0.hasPrefix("np: note:") }
        #expect(errors.prefix(2) == ["np: t-2 will not get it: its task has ended", "np: t-2 has not read it in time"])
        let last = errors.last?.replacing(/session s-1 .* ago/, with: "session s-1 1s ago")
        let pending = "it was printed for Claude Code's session s-1 1s ago, which has not answered since"
        #expect(last == "np: t-2 has not read it in time: \(pending)")
    }

    // MARK: - Everybody's

    @Test("tells for everybody what was sent when and read when, or not yet")
    func history() async throws {
        let outcome = try await np.script(
            """
            NP_TASK=t-1 "$NP" nudge --anyway t-2 one >/dev/null
            "$NP" emit RebaseRequired --to t-3 commits_behind=1 >/dev/null
            NP_TASK=t-2 "$NP" inbox --ack >/dev/null
            "$NP" inbox --all; "$NP" inbox --all -o json
            """
        )
        let lines = timeless(outcome.output).split(separator: "\n").map(String.init)
        #expect(
            lines.prefix(3).map { $0.split(separator: " ").joined(separator: " ") } == [
                "TASK SENT READ BY KIND FROM WHAT",
                "t-2 TIME TIME t-2 NudgeSent t-1 one",
                "t-3 TIME not yet - RebaseRequired - 1 commit behind",
            ]
        )
        let events = try np.loggedEvents()
        let objects = try lines.dropFirst(3).map { try Payload(json: $0) }
        #expect(objects.count == 2)
        #expect(objects.first?.value(at: ["read", "at"])?.text == events.last?.timestamp.description)
        #expect(objects.first?.value(at: ["read", "how"])?.text == "np inbox")
        #expect(objects.last?["read"] == .other("null"))
        #expect(objects.last?["sent"]?.text == events[1].timestamp.description)
        #expect(objects.map { $0["what"]?.text } == ["one", "1 commit behind"])
    }

    @Test("reads a log of several files as one")
    func severalFiles() async throws {
        _ = try await np.script(
            #""$NP" nudge --anyway t-2 one; "$NP" nudge --anyway t-2 two; "$NP" inbox t-2 --ack; "$NP" nudge --anyway t-2 three"#
        )
        try np.directory.rename(EventLogConfig.fileName, to: "event_log.000001.jsonl")
        let outcome = try await np.script(#""$NP" nudge --anyway t-2 four >/dev/null; "$NP" inbox t-2 --json"#)
        let shown = try outcome.output.split(separator: "\n").map {
            try Event(line: String($0)).payload["message"]?.text
        }
        #expect(shown == ["three", "four"])
    }

    @Test("shows hostile text without acting on it")
    func hostileText() async throws {
        let text = "\u{1b}]0;title\u{7}\u{202e}\nsecond line"
        _ = try await np.start(NPProcess.path, ["nudge", "--anyway", "t-2", text])
        for words in [["inbox", "t-2"], ["inbox", "--all"]] {
            let output = try await np.start(NPProcess.path, words).output
            #expect(output.contains(#"\u001b]0;title\u0007\u202e\nsecond line"#), "\(output)")
            #expect(!output.contains("\u{1b}") && !output.contains("\u{202e}"))
        }
    }

    @Test("'.' is the task of this worktree for every command that takes a task")
    func taskHere() async throws {
        let outcome = try await np.script(
            """
            git init -q -b neuraphage/t-2 tree && cd tree || exit
            "$NP" nudge . hello >/dev/null
            "$NP" emit TaskStarted --task . --to . >/dev/null
            "$NP" run --task . -- true
            "$NP" lock build --task . -- true
            "$NP" inbox . --json | wc -l
            "$NP" nudge . again >/dev/null; "$NP" inbox . --json | wc -l
            "$NP" rebase . 2>../one; "$NP" rebase 2>../other; cmp ../one ../other && echo same
            cd .. && "$NP" inbox .; echo $?
            """
        )
        #expect(
            outcome.output.split(separator: "\n").map { $0.filter { $0 != " " } } == ["0", "1", "same", "64"],
            "\(outcome)"
        )
        #expect(outcome.error.contains("and this is none\nhint: name the task"))
        let events = try np.loggedEvents().filter { $0.source != nil || $0.target != nil }
        #expect(events.count >= 5)
        for event in events {
            #expect([event.source, event.target].allSatisfy { $0 == nil || $0 == "t-2" }, "\(event)")
        }
    }

    // MARK: - Mistakes

    @Test("takes no name of a task that is no UTF-8, which another one would look like")
    func bytesAsName() async throws {
        let outcome = try await np.script(
            """
            name=$(printf 'a\\377')
            "$NP" nudge "$name" hello; echo $?
            "$NP" inbox "$name"; echo $?
            "$NP" run --task "$name" -- echo ran; echo $?
            "$NP" emit TaskStarted --task "$name"; echo $?
            ls
            """
        )
        #expect(outcome.output == "64\n64\n64\n64\n", "\(outcome)")
        #expect(outcome.error.split(separator: "\n").filter { $0.contains("the task id is not UTF-8") }.count == 4)
    }

    @Test(
        "says what is wrong with what was typed",
        arguments: [
            (["inbox"], "whose inbox?\nhint: say np inbox my-task"), (["inbox", "--all", "--ack"], "it marks nothing"),
            (["inbox", "t-1", "--wait", "soon"], "such as 500ms, 30s"), (["inbox", ""], "the task id is empty"),
            (["nudge", "t-1"], "<text>"), (["nudge", "t-1", " "], "what do you want to tell t-1?"),
            (["nudge", "", "hello"], "the task id is empty"),
        ]
    )
    func mistakes(words: [String], message: String) async throws {
        let outcome = try await np.start(NPProcess.path, words)
        #expect(outcome.status == .exited(64))
        #expect(outcome.error.contains(message), "\(outcome.error)")
        #expect(try RealFileSystem().names(in: np.directory.path) == [])
    }

    @Test("says so if there is no log yet, or it is switched off")
    func noLog() async throws {
        let outcome = try await np.script(
            """
            NP_TASK=t-1 "$NP" inbox; "$NP" inbox --all; ls
            NP_EVENTS_ENABLED=false "$NP" nudge --anyway t-1 hello || echo $?
            NP_TASK=t-1 NP_EVENTS_ENABLED=false "$NP" inbox --ack || echo $?
            """
        )
        #expect(outcome.output == "1\n1\n")
        let errors = outcome.error.split(separator: "\n")
        #expect(errors.count == 4)
        #expect(errors.first == "np: there is nothing unread for t-1")
        #expect(errors.dropFirst().first?.hasPrefix("np: there is no log yet at ") == true)
        #expect(errors.dropFirst(2).allSatisfy { $0.contains("the event log is switched off") })
    }
}
