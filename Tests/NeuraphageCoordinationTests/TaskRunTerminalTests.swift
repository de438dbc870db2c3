// np run at a terminal: Ctrl-C, Ctrl-Z, full-screen programs, a window that is closed.

import NeuraphageEvents
import TestSupport
import Testing

@Suite("np run at a terminal", .apart)
struct TaskRunTerminalTests {
    let np: NPProcess

    init() throws {
        np = try NPProcess()
    }

    private func run(_ words: String..., steps: PseudoTerminal.Step) async throws -> [String] {
        try await PseudoTerminal.run(np, [NPProcess.path, "run"] + words, steps)
    }

    @Test("ends by Ctrl-C as the command does")
    func interrupt() async throws {
        let lines = try await run("sh", "-c", "echo ready; exec sleep 300", steps: .init("ready", "\u{3}"))
        #expect(lines.last == "killed 2")
        #expect(try np.events().last == #"TaskCancelled {"reason":"SIGINT","signal":2}"#)
    }

    @Test("does not send Ctrl-C a second time, and lets the command decide what it means")
    func interruptOnce() async throws {
        let program = """
            import os, select, signal
            # Through a pipe: input() does not see a signal that comes just before it waits.
            signals, write = os.pipe()
            os.set_blocking(write, False)
            signal.set_wakeup_fd(write)
            signal.signal(signal.SIGINT, lambda number, frame: None)
            print("ready", flush=True)
            count, readable = 0, []
            while 0 not in readable:
                readable, _, _ = select.select([0, signals], [], [])
                if signals in readable:
                    count += len(os.read(signals, 9))
                    print("interrupted", flush=True)
            print("count", count)
            """
        let lines = try await PseudoTerminal.run(
            np,
            [NPProcess.path, "run", "python3", "-c", program],
            .init("ready", "\u{3}"),
            .init("interrupted", "go on\r")
        )
        #expect(lines.contains("count 1"))
        #expect(lines.last == "exited 0")
        #expect(try np.events().last == #"TaskCompleted {"exit_code":0}"#)
    }

    @Test("calls it cancelled if the command exits with an error after Ctrl-C")
    func interruptHandled() async throws {
        let script = "trap 'exit 7' INT; echo ready; for i in $(seq 12000); do sleep 0.01; done"
        let lines = try await run("sh", "-c", script, steps: .init("ready", "\u{3}"))
        #expect(lines.last == "exited 7")
        #expect(try np.events().last == #"TaskCancelled {"reason":"SIGINT","exit_code":7}"#)
    }

    @Test(
        "shows a full-screen program",
        arguments: [("less", "line 1", "q"), ("vi", "line 1", "\u{1b}:q!\r"), ("top", "PID", "q")]
    )
    func fullScreen(program: String, text: String, keys: String) async throws {
        try np.directory.write((1...100).map { "line \($0)\n" }.joined(), to: "text")
        let words = program == "top" ? [program] : [program, "text"]
        let lines = try await PseudoTerminal.run(np, [NPProcess.path, "run"] + words, .init(text, keys))
        #expect(lines.last == "exited 0")
        #expect(try np.events().last == #"TaskCompleted {"exit_code":0}"#)
    }

    @Test("stops with the command on Ctrl-Z, and goes on with it")
    func stop() async throws {
        let command = "\(NPProcess.path) run sh -c 'echo rea''dy; read x; echo got-$x'\r"
        let lines = try await PseudoTerminal.run(
            np,
            ["bash", "--norc", "--noprofile", "-i"],
            .init("bash-", command),
            .init("ready", "\u{1a}"),
            // The shell shows the command when it stops and again when it goes on; only then is the terminal its own.
            .init("Stopped", ""),
            .init("echo got-", "fg\r"),
            .init("echo got-", "hello\r"),
            .init("got-hello", "exit 9\r")
        )
        #expect(lines.last == "exited 9")
    }

    @Test("stops when the command stops itself, as full-screen programs do")
    func selfStop() async throws {
        let command = "\(NPProcess.path) run sh -c 'kill -STOP $$; echo con''tinued'\r"
        let lines = try await PseudoTerminal.run(
            np,
            ["bash", "--norc", "--noprofile", "-i"],
            .init("bash-", command),
            .init("Stopped", "fg\r"),
            .init("continued", "exit 9\r")
        )
        #expect(lines.last == "exited 9")
    }

    @Test("does not stop when the command keeps Ctrl-Z to itself")
    func ignoredStop() async throws {
        let script = "trap '' TSTP; echo ready; read x; echo got-$x"
        let lines = try await PseudoTerminal.run(
            np,
            [NPProcess.path, "run", "sh", "-c", script],
            .init("ready", "\u{1a}hello\r"),
            .init("got-hello", "")
        )
        #expect(lines.last == "exited 0")
    }

    @Test("passes on that the window was closed")
    func hangup() async throws {
        let program = """
            import os, pty, sys
            pid, terminal = pty.fork()
            if pid == 0:
                os.execv(os.environ["NP"], ["np", "run", "sh", "-c", "echo ready; exec sleep 300"])
            shown = b""
            while b"ready" not in shown: shown += os.read(terminal, 1000)
            os.close(terminal)
            print(os.WTERMSIG(os.waitpid(pid, 0)[1]))
            """
        #expect(try await np.python(program).output == "1\n")
        #expect(try np.events().last == #"TaskCancelled {"reason":"SIGHUP","signal":1}"#)
    }
}
