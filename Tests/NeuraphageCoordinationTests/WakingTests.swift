// np hook wake as Claude Code runs it when it has stopped: how it ends, and when.

import NeuraphageEvents
import Subprocess
import TestSupport
import Testing

@Suite("np hook wake", .apart)
struct WakingTests {
    let np: NPProcess

    init() throws {
        np = try NPProcess()
    }

    /// `wake FILE` is the hook, in the background, whose exit code and words are in the file when it has ended.
    private static let hooks = #"""
        export NP_TASK=t-2 NP_AGENTS_WAKE=messages CLAUDE_CODE_ENTRYPOINT=cli
        call() { echo '{"session_id":"s-1","cwd":"/","hook_event_name":"'$1'","source":"startup"}'; }
        hear() { call $1 | "$NP" hook claude; }
        wake() { (call Stop | "$NP" hook wake >out.$1 2>$1.part; echo $? >>$1.part; mv $1.part $1) & }
        hear SessionStart; hear UserPromptSubmit; hear Stop

        """#

    @Test("wakes an agent that has stopped when a message comes, once for each, and not for an order to rebase")
    func message() async throws {
        let outcome = try await np.script(
            Self.hooks + #"""
                wake one
                "$NP" emit RebaseRequired --to t-2 commits_behind=2 >/dev/null
                "$NP" nudge --anyway t-1 'for another task' >/dev/null 2>&1
                "$NP" nudge t-2 word >/dev/null
                sh -c "$UNTIL" '[ -e one ]'; cat one out.one
                wake two; sh -c "$UNTIL" '! flock -n agents/waker-* true'
                "$NP" nudge t-2 more >/dev/null
                sh -c "$UNTIL" '[ -e two ]'; cat two
                hear UserPromptSubmit | grep -o 'word$\|more$'
                """#
        )
        let one = "np inbox: 1 notification has come for t-2; what they say comes with this\n2\n"
        let two = "np inbox: 2 notifications have come for t-2; what they say comes with this\n2\n"
        #expect(outcome.output == one + two + "word\nmore\n", "\(outcome)")
    }

    @Test("wakes no agent again for what it could not be handed, and ends when it gets a prompt or its session ends")
    func once() async throws {
        let outcome = try await np.script(
            Self.hooks + #"""
                "$NP" nudge t-2 word >/dev/null
                wake one; sh -c "$UNTIL" '[ -e one ]'; tail -1 one
                wake two; sh -c "$UNTIL" '! flock -n agents/waker-* true'
                # Another process for the same session gives up.
                call Stop | "$NP" hook wake; echo $?
                hear UserPromptSubmit | grep -c word; hear Stop
                hear SessionEnd
                sh -c "$UNTIL" '[ -e two ]'; cat two
                ls agents | grep -c waker
                """#
        )
        #expect(outcome.output == "2\n0\n1\n0\n0\n", "\(outcome)")
    }

    @Test("wakes nobody and ends at once unless it is wanted, a person is at the terminal, and the agent has stopped")
    func unwanted() async throws {
        let outcome = try await np.script(
            Self.hooks + #"""
                "$NP" nudge t-2 word >/dev/null
                call Stop | NP_AGENTS_WAKE=none "$NP" hook wake; echo $?
                call Stop | CLAUDE_CODE_ENTRYPOINT=sdk-cli "$NP" hook wake; echo $?
                call Stop | env -u CLAUDE_CODE_ENTRYPOINT "$NP" hook wake; echo $?
                call UserPromptSubmit | "$NP" hook wake; echo $?
                call SubagentStop | "$NP" hook wake; echo $?
                call Stop | sed 's/{/{"agent_id":"a",/' | "$NP" hook wake; echo $?
                call Stop | sed 's/s-1/s-2/' | "$NP" hook wake; echo $?
                echo garbage | "$NP" hook wake; echo $?
                "$NP" hook wake --unknown </dev/null; echo $?
                call Stop | NP_AGENTS_WAKE=perhaps "$NP" hook wake; echo $?
                """#
        )
        #expect(outcome.output == String(repeating: "0\n", count: 10) && outcome.error == "", "\(outcome)")
    }

    @Test("ends when the agent that it waits for is gone")
    func gone() async throws {
        let outcome = try await np.python(
            """
            import glob, json, os, subprocess
            np = os.environ["NP"]
            environment = os.environ | {"NP_TASK": "t-2", "NP_AGENTS_WAKE": "all", "CLAUDE_CODE_ENTRYPOINT": "cli"}
            def call(event): return json.dumps({"session_id": "s-1", "cwd": "/", "hook_event_name": event}).encode()
            for event in ["SessionStart", "UserPromptSubmit", "Stop"]:
                subprocess.run([np, "hook", "claude"], input=call(event), env=environment)
            waker = subprocess.Popen([np, "hook", "wake"], stdin=-1, stdout=-1, stderr=-1, env=environment)
            waker.stdin.write(call("Stop")); waker.stdin.close()
            until(lambda: glob.glob("agents/waker-*"), "np to wait")
            waker.stdout.close(); waker.stderr.close()
            print(waker.wait())
            """
        )
        #expect(outcome.output == "0\n", "\(outcome)")
    }
}
