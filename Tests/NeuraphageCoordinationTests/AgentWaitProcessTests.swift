// Waits as np hook tells of them: a process that knows of the others only what is in the data directory.

import NeuraphageEvents
import NeuraphageTasks
import TestSupport
import Testing

@Suite("A wait, told by processes", .apart)
struct AgentWaitProcessTests {
    private let np: NPProcess

    init() throws {
        np = try NPProcess()
    }

    /// The program is the agent: hooks and commands are its children.
    private static let agent = #"""
        import json, os, subprocess, sys, time
        def hear(event, **members):
            call = {"session_id": "s-1", "cwd": "/", "hook_event_name": event, **members}
            done = subprocess.run([os.environ["NP"], "hook", "claude"], input=json.dumps(call).encode(), capture_output=True)
            assert (done.returncode, done.stdout, done.stderr) == (0, b"", b""), done
        def events(kind):
            if not os.path.exists("event_log.jsonl"): return []
            found = [json.loads(line) for line in open("event_log.jsonl")]
            return [event["payload"] for event in found if event["kind"] == {"Custom": kind}]
        def seconds(count):
            end = time.monotonic() + count
            until(lambda: time.monotonic() > end, "time to pass")
        command = lambda text: {"tool_name": "Bash", "tool_input": {"command": "secret " + text}}

        """#

    @Test("ends when the command runs that was allowed, by the next hook, and only then")
    func command() async throws {
        let outcome = try await np.python(
            Self.agent + #"""
                def run(): return subprocess.Popen(["cat"], stdin=subprocess.PIPE)
                hear("SessionStart", source="startup"); hear("UserPromptSubmit", prompt="x", prompt_id="p-1")
                before = run()
                hear("PermissionRequest", **command("build"))
                beside = run()  # as another hook of the same event
                seconds(2.5)
                hear("CwdChanged")
                print(len(events("AgentResumed")))
                seconds(0.7)
                pressed = time.time()
                allowed = run()
                seconds(1.5)
                hear("CwdChanged")
                for resumed in events("AgentResumed"):
                    print(resumed["how"], resumed["begin"] != "", "inferred" in resumed, resumed["waited_ms"] // 1000)
                hear("PostToolUse", duration_ms=2000, **command("build"))
                hear("Stop", prompt_id="p-1")
                print(len(events("AgentWaiting")), len(events("AgentResumed")))
                print(events("AgentTurnEnded")[0]["waits_ms"] == events("AgentResumed")[0]["waited_ms"])
                for process in before, beside, allowed: process.stdin.close()
                """#
        )
        // On a busy machine the seconds are more.
        #expect(outcome.output.contains(/^0\nallowed True False ([3-9]|\d\d+)\n1 1\nTrue\n$/), "\(outcome)")
        #expect(try !np.directory.text().contains("secret"))
    }

    @Test("of a command of which it can't be told whose it is goes on until the tool has ended")
    func subagent() async throws {
        let outcome = try await np.python(
            Self.agent + #"""
                hear("SessionStart", source="startup"); hear("UserPromptSubmit", prompt="x", prompt_id="p-1")
                hear("SubagentStart", agent_id="a-1", agent_type="Explore")
                hear("PermissionRequest", **command("build"))
                seconds(1)
                child = subprocess.Popen(["cat"], stdin=subprocess.PIPE)
                seconds(1.5)
                hear("CwdChanged")
                print(len(events("AgentResumed")))
                hear("PostToolUse", duration_ms=0, **command("build"))
                print([resumed["how"] for resumed in events("AgentResumed")])
                child.stdin.close()
                """#
        )
        #expect(outcome.output == "0\n['allowed']\n", "\(outcome)")
    }

    @Test("begins and ends once, whatever number of hooks tell of it at the same time")
    func atOnce() async throws {
        let outcome = try await np.python(
            Self.agent + #"""
                import threading
                def together(event, **members):
                    threads = [threading.Thread(target=lambda: hear(event, **members)) for _ in range(8)]
                    for thread in threads: thread.start()
                    for thread in threads: thread.join()
                together("UserPromptSubmit", prompt="x", prompt_id="p-1")
                together("PermissionRequest", **command("build"))
                together("PostToolUse", duration_ms=0, tool_use_id="t-1", **command("build"))
                together("PostToolUse", duration_ms=0, tool_use_id="t-2", **command("build"))
                together("Stop", prompt_id="p-1")
                kinds = ["AgentTurnStarted", "AgentWaiting", "AgentResumed", "AgentTurnEnded"]
                print([len(events(kind)) for kind in kinds], events("AgentTurnEnded")[0]["tools"]["n"])
                """#
        )
        #expect(outcome.output == "[1, 1, 1, 1] 2\n", "\(outcome)")
    }

    @Test(
        "is told though another process is stopped while it has a lock",
        arguments: ["ledger/sessions.lock", "ledger/wait", "agents/turn"]
    )
    func stopped(file: String) async throws {
        let outcome = try await np.python(
            Self.agent + #"""
                import fcntl, glob
                hear("SessionStart", source="startup"); hear("UserPromptSubmit", prompt="x", prompt_id="p-1")
                hear("PermissionRequest", **command("build"))
                held = (glob.glob(sys.argv[1] + "-*") + [sys.argv[1]])[0]
                holder = open(held, "a"); fcntl.flock(holder, fcntl.LOCK_EX)
                hear("PostToolUse", duration_ms=0, **command("build"))
                hear("Stop", prompt_id="p-1")
                print(len(events("AgentTurnEnded")))
                holder.close()
                hear("SessionEnd", reason="other")
                print(len(events("AgentResumed")), len(events("AgentSessionEnded")))
                """#,
            file
        )
        #expect(outcome.output == "1\n1 1\n", "\(outcome)")
    }

    @Test("and all that hooks of any event tell cost an agent nothing, with input of any size and shape")
    func hostile() async throws {
        let outcome = try await np.python(
            Self.agent + #"""
                big = "secret \"\\\n\u20ac" * 1_300_000
                for event in ["UserPromptSubmit", "PermissionRequest", "PostToolUseFailure", "PostToolUse", "Stop", "StopFailure"]:
                    hear(event, tool_name="Bash", tool_input={"command": big}, error=big, prompt=big, last_assistant_message=big,
                         tool_use_id=big, prompt_id="p-1", background_tasks=[big])
                print(len([name for name in os.listdir("agents") if b"secret" in open("agents/" + name, "rb").read()]))
                """#
        )
        #expect(outcome.output == "0\n", "\(outcome)")
        #expect(try !np.directory.text().contains("secret"))
    }
}
