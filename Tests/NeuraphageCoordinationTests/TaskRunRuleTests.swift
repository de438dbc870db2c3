// The pure parts of a run: which signals go on to the child, and what the log says in the end.

import NeuraphageEvents
import NeuraphagePlatform
import TestSupport
import Testing

@testable import NeuraphageAgents
@testable import NeuraphageGit
@testable import NeuraphagePresentation
@testable import NeuraphageProjections
@testable import NeuraphageSystem
@testable import NeuraphageTasks
@testable import NeuraphageWatching

@Suite("A task run decides", .apart)
struct TaskRunRuleTests {
    let rule = ForwardingRule(child: 42, leadsSession: false)

    @Test("that what a process sent goes on to the command", arguments: [SIGTERM, SIGINT, SIGUSR1, SIGWINCH, SIGTSTP])
    func processSignal(number: Int32) {
        #expect(rule.forwards(ReceivedSignal(number: number, sender: .process(7))))
    }

    @Test("that what the terminal sent is not sent twice", arguments: [SIGINT, SIGQUIT, SIGTSTP, SIGWINCH, SIGHUP])
    func terminalSignal(number: Int32) {
        #expect(!rule.forwards(ReceivedSignal(number: number, sender: .kernel)))
    }

    @Test("that a closed terminal, told to the session's leader alone, is passed on")
    func hangupOfLeader() {
        let leader = ForwardingRule(child: 42, leadsSession: true)
        #expect(leader.forwards(ReceivedSignal(number: SIGHUP, sender: .kernel)))
        #expect(!leader.forwards(ReceivedSignal(number: SIGINT, sender: .kernel)))
    }

    @Test("that what the command sends to its parent does not come back to it, and cancels nothing")
    func childSignal() {
        let signal = ReceivedSignal(number: SIGTERM, sender: .process(42))
        #expect(!rule.forwards(signal))
        #expect(!rule.cancels(signal))
    }

    @Test("what the log says about every way to end")
    func endEvents() {
        #expect(end(.exited(0)) == "TaskCompleted {\"exit_code\":0,\"duration_ms\":1500}")
        #expect(end(.exited(0), cancelledBy: SIGINT) == "TaskCompleted {\"exit_code\":0,\"duration_ms\":1500}")
        #expect(end(.exited(3)) == #"TaskFailed {"error":"exit code 3","exit_code":3,"duration_ms":1500}"#)
        #expect(
            end(.exited(130), cancelledBy: SIGINT)
                == #"TaskCancelled {"reason":"SIGINT","exit_code":130,"duration_ms":1500}"#
        )
        for (signal, name) in [(SIGINT, "SIGINT"), (SIGTERM, "SIGTERM"), (SIGHUP, "SIGHUP"), (SIGQUIT, "SIGQUIT")] {
            #expect(
                end(.killed(signal))
                    == #"TaskCancelled {"reason":"\#(name)","signal":\#(signal),"duration_ms":1500}"#
            )
        }
        #expect(
            end(.killed(SIGSEGV)) == #"TaskFailed {"error":"killed by SIGSEGV","signal":11,"duration_ms":1500}"#
        )
        #expect(
            end(.notStarted(OperationError(.commandNotFound, "command not found: mkae")))
                == #"TaskFailed {"error":"command not found: mkae","exit_code":127,"duration_ms":1500}"#
        )
    }

    private func end(_ ending: ProcessEnding, cancelledBy signal: Int32? = nil) -> String {
        let event = TaskRun.endEvent(
            "eg-1",
            ending,
            begin: EventID("b"),
            cancelledBy: signal,
            after: .milliseconds(1_500)
        )
        #expect(event.source == "eg-1" && event.target == nil)
        #expect(event.payload.string("begin") == "b")
        return "\(event.kind) \(event.payload)".replacing(#","begin":"b""#, with: "")
    }

    @Test(
        "that the logged command can be pasted into a shell",
        arguments: [
            ("make", "make"), ("", "''"), ("a b", "'a b'"), ("it's", #"'it'\''s'"#), ("$HOME", "'$HOME'"),
            ("~", "'~'"), ("a~", "a~"), ("--x=é/1.2", "--x=é/1.2"), ("a\nb", "'a\nb'"), ("*", "'*'"),
        ]
    )
    func quoting(word: String, quoted: String) {
        #expect(ShellWord.quoted(word) == quoted)
    }

    @Test(
        "on a readable name for a task that nobody named",
        arguments: [
            ("/usr/bin/make", "make"), ("./build it!", "build-it-"), ("/", "run"), ("", "run"), ("\u{1b}[31m", "31m"),
            ("--", "run"), ("日本", "run"), (String(repeating: "x", count: 300), String(repeating: "x", count: 40)),
        ]
    )
    func freshID(command: String, name: String) throws {
        let id = TaskID.fresh(for: command).description
        #expect(id.dropLast(9) == name)
        #expect(id.suffix(9).wholeMatch(of: /-[0-9a-f]{8}/) != nil)
        #expect(try TaskID(id).description == id)
    }
}
