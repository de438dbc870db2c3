// np run as a process: nobody who starts a command through it may notice that it is there.

import NeuraphageEvents
import NeuraphagePlatform
import Subprocess
import TestSupport
import Testing

@Suite("np run", .apart)
struct TaskRunTests {
    let np: NPProcess

    init() throws {
        np = try NPProcess()
    }

    // MARK: - Beginning and end

    @Test("logs a success and its duration")
    func success() async throws {
        let outcome = try await np.run("echo", "it's done")
        #expect(outcome.status == .exited(0))
        #expect(outcome.output == "it's done\n")
        #expect(outcome.error == "")
        let events = try np.loggedEvents()
        #expect(events.map(\.kind) == [.taskStarted, .taskCompleted])
        #expect(events.allSatisfy { $0.source == "t-1" && $0.target == nil })
        #expect(events.first?.payload == ["command": .string(#"echo 'it'\''s done'"#)])
        #expect(events.last?.payload["exit_code"] == .other("0"))
        guard case .other(let duration)? = events.last?.payload["duration_ms"] else {
            Issue.record("the end tells no duration")
            return
        }
        #expect((0..<60_000).contains(try #require(Int(duration))))
    }

    @Test("starts a command of very many words, and gives it all of them", arguments: ["", "--"])
    func manyWords(separator: String) async throws {
        let outcome = try await np.script(
            #""$NP" run --task t-1 \#(separator) sh -c 'shift 59999; echo $#; echo "$1"' sh $(seq 59999) "$(printf 'z\377')""#
        )
        #expect(outcome.output.hasPrefix("1\nz"), "\(outcome)")
        #expect(try np.loggedEvents().map(\.kind) == [.taskStarted, .taskCompleted])
    }

    @Test("logs a failure and exits with the command's code")
    func failure() async throws {
        let outcome = try await np.run("sh", "-c", "echo out; echo err >&2; exit 3")
        #expect(outcome.status == .exited(3))
        #expect(outcome.output == "out\n")
        #expect(outcome.error == "err\n")
        #expect(try np.events().last == #"TaskFailed {"error":"exit code 3","exit_code":3}"#)
    }

    @Test("tells the beginning before the command starts")
    func order() async throws {
        let outcome = try await np.run("sh", "-c", "cat \"$NP_DATA_DIR\"/*.jsonl")
        #expect(outcome.output.contains("TaskStarted"))
    }

    @Test("shows the title beside the command")
    func title() async throws {
        _ = try await np.start(NPProcess.path, ["run", "--title", "All tests", "--task", "t-1", "true"])
        #expect(try np.events().first == #"TaskStarted {"title":"All tests","command":"true"}"#)
    }

    @Test("names a command that does not exist, and exits with 127")
    func missingCommand() async throws {
        let outcome = try await np.run("no-such-command")
        #expect(outcome.status == .exited(127))
        #expect(outcome.error == "np: command not found: no-such-command\n")
        #expect(
            try np.events() == [
                #"TaskStarted {"command":"no-such-command"}"#,
                #"TaskFailed {"error":"command not found: no-such-command","exit_code":127}"#,
            ]
        )
    }

    @Test("exits with 126 if the command cannot be executed")
    func notExecutable() async throws {
        try np.directory.write("text", to: "text")
        let outcome = try await np.run("./text")
        #expect(outcome.status == .exited(126))
        #expect(try np.events().last?.contains(#""error":"cannot execute ./text: "#) == true)
    }

    @Test("runs a script without a #! line as a shell does")
    func plainScript() async throws {
        try np.directory.write("echo script $1\n", to: "script", permissions: 0o700)
        #expect(try await np.run("./script", "one").output == "script one\n")
        let outcome = try await np.script(#"PATH="$PWD:$PATH" "$NP" run script two"#)
        #expect(outcome.output == "script two\n")
    }

    @Test("does not wait for what the command leaves in the background")
    func daemonising() async throws {
        let outcome = try await np.run("sh", "-c", "sleep 300 >/dev/null 2>&1 & echo $!")
        #expect(outcome.status == .exited(0))
        let sleeper = try #require(pid_t(outcome.output.dropLast()))
        #expect(kill(sleeper, SIGKILL) == 0, "the background process was gone")
        #expect(try np.events().last == #"TaskCompleted {"exit_code":0}"#)
    }

    // MARK: - Signals

    @Test(
        "passes on what another process sends, and ends by the same signal",
        arguments: [SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGPROF]
    )
    func forwarding(signal: Int32) async throws {
        let outcome = try await np.run(
            "sh",
            "-c",
            #"ulimit -c 0; (kill -\#(signal) $PPID) >&2 & exec sleep 300"#
        )
        #expect(outcome.status == .signaled(signal))
        let name = [
            SIGTERM: "SIGTERM", SIGINT: "SIGINT", SIGHUP: "SIGHUP", SIGQUIT: "SIGQUIT", SIGUSR1: "SIGUSR1",
            SIGUSR2: "SIGUSR2", SIGALRM: "SIGALRM", SIGPROF: "SIGPROF",
        ][signal]
        let isCancelled = [SIGTERM, SIGINT, SIGHUP, SIGQUIT].contains(signal)
        #expect(
            try np.events().last
                == (isCancelled
                    ? #"TaskCancelled {"reason":"\#(name ?? "")","signal":\#(signal)}"#
                    : #"TaskFailed {"error":"killed by \#(name ?? "")","signal":\#(signal)}"#)
        )
    }

    @Test("calls it cancelled if the command cleans up after a signal and exits with an error")
    func cleanExitAfterSignal() async throws {
        let outcome = try await np.run(
            "sh",
            "-c",
            #"trap "echo cleaned; exit 5" TERM; (kill -TERM $PPID) & for i in $(seq 12000); do sleep 0.01; done"#
        )
        #expect(outcome.status == .exited(5))
        #expect(outcome.output == "cleaned\n")
        #expect(try np.events().last == #"TaskCancelled {"reason":"SIGTERM","exit_code":5}"#)
    }

    @Test("calls it failed if something kills the command", arguments: [(SIGKILL, "SIGKILL"), (SIGSEGV, "SIGSEGV")])
    func killed(signal: Int32, name: String) async throws {
        let outcome = try await np.run("sh", "-c", "ulimit -c 0; kill -\(signal) $$")
        #expect(outcome.status == .signaled(signal))
        #expect(try np.events().last == #"TaskFailed {"error":"killed by \#(name)","signal":\#(signal)}"#)
    }

    @Test("hands the command a timer's alarm that was set before np started")
    func alarm() async throws {
        let outcome = try await np.python(
            """
            import os, signal
            signal.setitimer(signal.ITIMER_REAL, 1)
            os.execv(os.environ["NP"], ["np", "run", "--", "sleep", "300"])
            """
        )
        #expect(outcome.status == .signaled(SIGALRM))
    }

    @Test("does not let the command inherit that np ignores SIGPIPE")
    func pipeSignal() async throws {
        #expect(try await np.run("sh", "-c", "kill -PIPE $$; echo alive").status == .signaled(SIGPIPE))
        #expect(try await np.run("sh", "-c", "kill -XFSZ $$; echo alive").status == .signaled(SIGXFSZ))
    }

    @Test("leaves ignored what whoever started np ignored", arguments: ["PIPE", "XFSZ", "HUP", "INT"])
    func inheritedIgnore(signal: String) async throws {
        let outcome = try await np.script(
            #"trap "" \#(signal); exec "$NP" run -- sh -c 'kill -\#(signal) $$; echo alive'"#
        )
        #expect(outcome.status == .exited(0))
        #expect(outcome.output == "alive\n")
    }

    @Test("runs under nohup, and a hangup then cancels nothing")
    func nohup() async throws {
        let outcome = try await np.script(
            """
            nohup "$NP" run -- sh -c '(kill -HUP $PPID); kill -HUP $$; echo alive; exit 3' 2>/dev/null
            """
        )
        #expect(outcome.status == .exited(3))
        #expect(outcome.output == "alive\n")
        #expect(try np.events().last == #"TaskFailed {"error":"exit code 3","exit_code":3}"#)
    }

    @Test("gives the command the signal mask that np got")
    func mask() async throws {
        let outcome = try await np.python(
            """
            import os, signal
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
            show = "import signal; print([int(s) for s in signal.pthread_sigmask(signal.SIG_BLOCK, [])])"
            os.execv(os.environ["NP"], ["np", "run", "--", "python3", "-c", show])
            """
        )
        #expect(outcome.output == "[\(SIGUSR1)]\n")
    }

    @Test("learns the command's end even if whoever started np ignored SIGCHLD")
    func ignoredChildSignal() async throws {
        let outcome = try await np.python(
            """
            import os, signal
            signal.signal(signal.SIGCHLD, signal.SIG_IGN)
            os.execv(os.environ["NP"], ["np", "run", "--", "sh", "-c", "exit 3"])
            """
        )
        #expect(outcome.status == .exited(3))
    }

    // MARK: - Input, output, environment

    @Test("lets 10 MB pass unchanged, in and out")
    func bulk() async throws {
        let outcome = try await np.script(
            """
            head -c 10485760 /dev/urandom > data
            "$NP" run cat data | cksum
            "$NP" run cksum < data
            cat data | "$NP" run cat | cksum
            cksum < data
            """
        )
        let sums = outcome.output.split(separator: "\n")
        #expect(sums.count == 4)
        #expect(Set(sums).count == 1)
        #expect(sums.first?.hasSuffix(" 10485760") == true)
        #expect(outcome.error == "")
    }

    @Test("passes words that are no UTF-8 byte by byte")
    func bytes() async throws {
        let outcome = try await np.script(
            #"V=$(printf 'v\376') "$NP" run sh -c 'printf %s "$1$V" | od -An -tx1' x "$(printf 'a\377')""#
        )
        #expect(outcome.output == " 61 ff 76 fe\n")
    }

    @Test("tells the command its task, and the data directory if that was given")
    func environment() async throws {
        let shown = #"echo "$NP_TASK $NP_DATA_DIR""#
        let given = try await np.script(#"NP_TASK=old "$NP" run --task new --data-dir here -- sh -c '\#(shown)'"#)
        #expect(given.output == "new \(np.directory("here"))\n")
        // A shell would tidy up a variable that stands there twice.
        let listed = try await np.script(#"NP_TASK=old "$NP" run --task new --data-dir here env | grep ^NP_TASK="#)
        #expect(listed.output == "NP_TASK=new\n")
        let inherited = try await np.script(#"NP_TASK=old "$NP" run sh -c '\#(shown)'"#)
        #expect(inherited.output == "old \(np.directory.path)\n")
        #expect(try np.loggedEvents().map(\.source) == ["old", "old"])
    }

    @Test("invents a task where there is none")
    func freshTask() async throws {
        let outcome = try await np.script(#"cd / && "$NP" run /bin/sh -c 'echo "$NP_TASK"'"#)
        #expect(outcome.output.wholeMatch(of: /sh-[0-9a-f]{8}\n/) != nil)
        #expect(try np.loggedEvents().first?.source?.description == String(outcome.output.dropLast()))
    }

    @Test("runs the command all the same if nothing can be logged, with one line of warning")
    func unwritable() async throws {
        try np.directory.write("", to: "file")
        let outcome = try await np.script(#""$NP" run --data-dir file -- sh -c 'echo ran; exit 4'"#)
        #expect(outcome.status == .exited(4))
        #expect(outcome.output == "ran\n")
        #expect(outcome.error.hasPrefix("np: warning: this run is not logged: "))
        #expect(outcome.error.filter(\.isNewline).count == 1)
    }

    @Test("leaves the command's words alone, with -- and without")
    func words() async throws {
        #expect(try await np.script(#""$NP" run echo -n --help -- --task x"#).output == "--help -- --task x")
        #expect(try await np.script(#""$NP" run -- echo -- a"#).output == "-- a\n")
        #expect(try await np.script(#""$NP" run --task y -- env echo a"#).output == "a\n")
    }

    @Test("explains what it cannot understand", arguments: ["", "--", "--tsak x make", "--task '' make"])
    func usage(arguments: String) async throws {
        let outcome = try await np.script(#""$NP" run \#(arguments)"#)
        #expect(outcome.status == .exited(64))
        #expect(outcome.output == "")
        #expect(outcome.error.hasPrefix("Error: "))
        #expect(try np.loggedEvents().isEmpty)
    }

    @Test("refuses an NP_TASK that is no task id, and says so")
    func invalidTask() async throws {
        let outcome = try await np.script(#"NP_TASK=$(printf 'a\tb') "$NP" run true"#)
        #expect(outcome.status == .exited(64))
        #expect(outcome.error.contains("NP_TASK names no task"))
    }
}
