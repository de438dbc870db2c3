// Runs of a task that has begun already: they are parts of it, and it neither begins nor ends with them.

import NeuraphageEvents
import NeuraphagePlatform
import Subprocess
import TestSupport
import Testing

@testable import NeuraphageAgents
@testable import NeuraphageGit
@testable import NeuraphagePresentation
@testable import NeuraphageProjections
@testable import NeuraphageSystem
@testable import NeuraphageTasks
@testable import NeuraphageWatching

@Suite("np run of a task that has begun", .apart)
struct TaskPartTests {
    let np: NPProcess

    init() throws {
        np = try NPProcess()
    }

    private var records: TaskRecords { TaskRecords(in: DataDirectory(np.directory.path)) }

    /// What was said of a task, without what agents told.
    private func kinds(of task: TaskID) throws -> [String] {
        try np.loggedEvents().filter { $0.source == task }.map(\.kind.name).filter { !$0.hasPrefix("Agent") }
    }

    /// Begins a task as the hook of an agent does.
    private static let begin = #"""
        echo '{"session_id":"s-1","cwd":"/","hook_event_name":"SessionStart"}' | NP_TASK=t-1 "$NP" hook claude
        """#

    @Test("is logged as a run of it, and the task ends with the np run that began it")
    func nested() async throws {
        let outcome = try await np.run(NPProcess.path, "run", "--title", "All tests", "--", "sh", "-c", "echo $NP_TASK")
        #expect(outcome.output == "t-1\n" && outcome.status == .exited(0))
        let events = try np.loggedEvents()
        #expect(try kinds(of: "t-1") == ["TaskStarted", "RunStarted", "RunEnded", "TaskCompleted"])
        #expect(
            try np.events()[1...2] == [
                #"custom:RunStarted {"title":"All tests","command":"sh -c 'echo $NP_TASK'"}"#,
                #"custom:RunEnded {"exit_code":0}"#,
            ]
        )
        #expect(events[2].payload["duration_ms"] != nil)
    }

    @Test(
        "says of its end what a task's end says",
        arguments: [
            ("exit 3", #"{"error":"exit code 3","exit_code":3}"#),
            ("(kill -TERM $PPID); exec sleep 300", #"{"reason":"SIGTERM","signal":15}"#),
        ]
    )
    func ending(script: String, payload: String) async throws {
        _ = try await np.run("sh", "-c", #""$NP" run -- sh -c '\#(script)'; true"#)
        #expect(try np.events()[2...] == ["custom:RunEnded \(payload)", #"TaskCompleted {"exit_code":0}"#])
    }

    @Test("leaves alone a task that an agent began: it is begun once, and still open afterwards")
    func begunByHook() async throws {
        let outcome = try await np.script(
            """
            \(Self.begin); NP_TASK=t-1 "$NP" run -- sh -c 'exit 3'; echo $?; "$NP" run --task t-1 -- true; \(Self.begin)
            """
        )
        #expect(outcome.output == "3\n")
        #expect(try kinds(of: "t-1") == ["TaskStarted", "RunStarted", "RunEnded", "RunStarted", "RunEnded"])
        #expect(records.isOpen("t-1"))
    }

    @Test("is what all but one are that run the same task at once")
    func simultaneous() async throws {
        _ = try await np.script(
            """
            for i in 1 2 3 4 5 6; do
                "$NP" run --task t-1 -- sh -c 'echo >>begun; sh -c "$UNTIL" "[ \\$(wc -l <begun) = 6 ]"' &
            done
            wait
            """
        )
        let kinds = try kinds(of: "t-1")
        #expect(kinds.first == "TaskStarted")
        #expect(
            kinds.sorted() == Array(repeating: "RunEnded", count: 5) + Array(repeating: "RunStarted", count: 5)
                + ["TaskCompleted", "TaskStarted"]
        )
    }

    #if os(Linux)
    @Test("waits until whoever is about to begin the task has begun it")
    func waiting() async throws {
        // The hook's record is away until np run waits for the lock: there the kernel shows an arrow.
        _ = try await np.script(Self.begin)
        let outcome = try await np.python(
            """
            import fcntl, glob, os, subprocess
            record, = glob.glob("ledger/task-*")
            os.rename(record, "record")
            lock = open("ledger/lock")
            fcntl.flock(lock, fcntl.LOCK_EX)
            arrow = f":{os.fstat(lock.fileno()).st_ino} "
            run = subprocess.Popen([os.environ["NP"], "run", "--task", "t-1", "true"])
            def waits(): return any("-> FLOCK" in line and arrow in line for line in open("/proc/locks"))
            until(lambda: waits() or run.poll() is not None, "np run to wait for the lock")
            os.rename("record", record)
            lock.close()
            print(run.wait())
            """
        )
        #expect(outcome.output == "0\n", "\(outcome)")
        #expect(try kinds(of: "t-1") == ["TaskStarted", "RunStarted", "RunEnded"])
    }
    #endif

    @Test("keeps no task open that has ended: the next np run begins it anew")
    func outliving() async throws {
        _ = try await np.script(
            #"""
            mkfifo end
            "$NP" run --task t-1 -- sh -c '"$NP" run -- sh -c "echo >begun; read line <end" & sh -c "$UNTIL" "[ -e begun ]"'
            "$NP" run --task t-1 -- true
            echo over >end
            sh -c "$UNTIL" 'grep -q RunEnded event_log.jsonl'
            """#
        )
        #expect(
            try kinds(of: "t-1") == [
                "TaskStarted", "RunStarted", "TaskCompleted", "TaskStarted", "TaskCompleted", "RunEnded",
            ]
        )
    }

    @Test("is none while somebody tells the end of the np run that was killed before it")
    func settling() throws {
        for (pid, isOpen) in [(getpid(), true), (Int32.max, false)] {
            let note = OpenNote(
                about: ["pid": .integer(pid), "directory": "/"],
                begin: Event(.taskStarted, from: "t-1")
            )
            let record = try records.ledger.create(note, "run-", note.begin.id.description)
            #expect(records.isOpen("t-1") == isOpen)
            record.remove()
        }
    }

    @Test("has its end told if its np was killed, once, whatever has become of its task")
    func killed() async throws {
        _ = try await np.script(
            #"""
            mkfifo end
            "$NP" run --task t-1 -- sh -c '
                "$NP" run -- sh -c "echo \$PPID >pid; read line <end" & wait=$!
                sh -c "$UNTIL" "[ -s pid ]"
                kill -9 $(cat pid); wait $wait; echo over >end'
            "$NP" run --task t-2 true & "$NP" run --task t-2 true & "$NP" run --task t-2 true & wait
            sh -c "$UNTIL" 'grep -q "\"inferred\":true" event_log.jsonl && ! ls ledger | grep -q run-'
            """#
        )
        #expect(try kinds(of: "t-1") == ["TaskStarted", "RunStarted", "TaskCompleted", "RunEnded"])
        let end = try #require(try np.loggedEvents().first { $0.kind == .custom("RunEnded") && $0.source == "t-1" })
        #expect(end.payload["inferred"]?.text == "true")
        #expect(end.payload["error"]?.text.hasPrefix("np run was killed (process ") == true)
        #expect(try RealFileSystem().names(in: np.directory("ledger")).filter { $0.hasPrefix("run-") } == [])
    }
}
