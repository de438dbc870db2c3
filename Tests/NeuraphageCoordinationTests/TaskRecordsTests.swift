// The ends of runs that nobody could tell.

import NeuraphageEvents
import Subprocess
import TestSupport
import Testing

@testable import NeuraphageSystem
@testable import NeuraphageTasks

@Suite("A run whose np was killed", .apart)
struct TaskRecordsTests {
    let np: NPProcess

    init() throws {
        np = try NPProcess()
    }

    /// Starts a run and kills its np with -9 once it has begun; the command's end tells that it has read all of it.
    private static let kill = #"""
        mkfifo end
        "$NP" run --task t-1 -- sh -c 'echo $PPID >pid; read line <end' & wait=$!
        sh -c "$UNTIL" '[ -s pid ]'
        kill -9 $(cat pid); wait $wait; echo over >end
        """#

    /// The end of `t-1` is told in the background.
    private static let told = #"; sh -c "$UNTIL" 'grep -q "\"inferred\":true" event_log.jsonl'"#

    @Test("has its end told soon after the next np run, marked as inferred, once")
    func nextRun() async throws {
        _ = try await np.script(
            Self.kill + #"; "$NP" run --task t-2 true"# + Self.told + #"; "$NP" run --task t-3 true"#
        )
        let events = try np.loggedEvents()
        #expect(events.filter { $0.source == "t-1" }.map(\.kind) == [.taskStarted, .taskFailed])
        #expect(events.count == 6)
        let end = try #require(events.first { $0.source == "t-1" && $0.kind == .taskFailed })
        #expect(end.payload["inferred"]?.text == "true")
        #expect(end.payload["error"]?.text.hasPrefix("np run was killed (process ") == true)
    }

    @Test("has its end told while the next command runs, and leaves that np no dead child")
    func meanwhile() async throws {
        let outcome = try await np.script(
            Self.kill + #"""
                ; "$NP" run --task t-2 -- sh -c '
                    sh -c "$UNTIL" "grep -q Task[F]ailed event_log.jsonl"
                    sh -c "$UNTIL" "! ps -A -o ppid= -o stat= | grep -q \"^ *$PPID  *Z\""; echo told'
                "$NP" lock build -- sh -c 'echo also with a lock'
                """#
        )
        #expect(outcome.output == "told\nalso with a lock\n")
        let kinds = try np.loggedEvents().filter { $0.source == "t-1" }.map(\.kind.name)
        #expect(kinds == ["TaskStarted", "TaskFailed"], "\(kinds)")
    }

    @Test("is settled by the daemon, or by one process in the background, so that another command starts none")
    func inTurn() async throws {
        _ = try await np.script(Self.kill)
        let directory = DataDirectory(np.directory.path)
        let ledger = Ledger(in: directory)
        #expect(ledger.needsSettling)
        do {
            guard let other = try LockFile.take(directory.settlingLock, until: 0, in: directory.files) else {
                Issue.record("the lock is not free")
                return
            }
            #expect(!ledger.needsSettling)
            _ = consume other
        }
        do {
            let daemon = try #require(try DaemonLock(in: directory))
            #expect(ledger.needsSettling, "it doesn't serve yet")
            daemon.begin(session: "0")
            #expect(!ledger.needsSettling)
        }
        #expect(ledger.needsSettling)
        let log = try EventLog(opening: EventLogConfig(path: np.directory.path + "/event_log.jsonl"))
        // A process that another test starts may share the lock on the record until it is itself.
        try wait(for: "the run to be settled") {
            ledger.settleOrphans(publishingTo: EventBus(log: log))
            return !ledger.needsSettling
        }
        #expect(try np.loggedEvents().map(\.kind) == [.taskStarted, .taskFailed])
    }

    @Test("is settled by one process at a time, of any number that are to do it, and one that waits to do it next")
    func oneWaits() async throws {
        _ = try await np.script(Self.kill)
        let directory = DataDirectory(np.directory.path)
        guard let lock = try LockFile.takeInTurn(directory.settlingLock, in: directory.files) else {
            Issue.record("the lock is not free")
            return
        }
        let done = try await np.script(
            #"""
            for _ in 1 2 3 4 5; do "$NP" hook settle </dev/null >/dev/null 2>&1 & done
            sh -c "$UNTIL" "[ \$(ps -o args= --ppid $$ | grep -c 'hook [s]ettle') = 1 ]"
            echo one waits
            """#
        )
        _ = consume lock
        #expect(done.output == "one waits\n")
        try wait(for: "the run to be settled") { try np.loggedEvents().map(\.kind) == [.taskStarted, .taskFailed] }
    }

    @Test("has its end told before its task begins again")
    func again() async throws {
        _ = try await np.script(Self.kill + #"; "$NP" run --task t-1 true"#)
        let kinds = try np.loggedEvents().map(\.kind)
        #expect(kinds == [.taskStarted, .taskFailed, .taskStarted, .taskCompleted])
    }

    @Test("has no second end if somebody else has told one")
    func toldOtherwise() async throws {
        _ = try await np.script(
            Self.kill + #"; "$NP" emit TaskCompleted --task t-1 summary=done; "$NP" watch --once"#
        )
        let events = try np.loggedEvents()
        #expect(events.filter { $0.source == "t-1" }.map(\.kind) == [.taskStarted, .taskCompleted])
    }

    @Test("has one end when many look at once")
    func once() async throws {
        _ = try await np.script(
            Self.kill + #"; for i in 1 2 3 4 5 6 7 8; do "$NP" run --task t-2 true & done; wait"# + Self.told
                + #"; "$NP" watch --once"#
        )
        let events = try np.loggedEvents()
        #expect(events.count { $0.kind == .taskFailed && $0.source == "t-1" } == 1)
        #expect(events.count == 2 + 16)
    }

    @Test("leaves no record behind once its end is told, and neither does a run that ended in order")
    func records() async throws {
        let outcome = try await np.script(
            Self.kill + #"; ls ledger | grep -c run-; "$NP" watch --once; ls ledger | grep -c run-"#
        )
        let counts = outcome.output.split(separator: "\n").map { $0.filter { $0 != " " } }
        #expect(counts == ["1", "0"])
    }

    @Test("is not ended while it lives")
    func living() async throws {
        _ = try await np.script(
            #"""
            mkfifo end
            "$NP" run --task t-1 -- sh -c 'echo $PPID >pid; read line <end' &
            sh -c "$UNTIL" '[ -s pid ]'
            "$NP" run --task t-2 true
            echo over >end; wait
            """#
        )
        let events = try np.loggedEvents().filter { $0.source == "t-1" }
        #expect(events.map(\.kind) == [.taskStarted, .taskCompleted])
    }
}
