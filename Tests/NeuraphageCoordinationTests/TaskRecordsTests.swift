// The ends of runs that nobody could tell.

import NeuraphageEvents
import Subprocess
import TestSupport
import Testing

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

    @Test("has its end told by the next np run, before that one begins, and marked as inferred")
    func nextRun() async throws {
        _ = try await np.script(Self.kill + #"; "$NP" run --task t-2 true; "$NP" run --task t-3 true"#)
        let events = try np.loggedEvents()
        #expect(
            events.map { "\($0.kind) \($0.source?.description ?? "")" } == [
                "TaskStarted t-1", "TaskFailed t-1", "TaskStarted t-2", "TaskCompleted t-2", "TaskStarted t-3",
                "TaskCompleted t-3",
            ]
        )
        let end = try #require(events.dropFirst().first)
        #expect(end.payload["inferred"]?.text == "true")
        #expect(end.payload["error"]?.text.hasPrefix("np run was killed (process ") == true)
    }

    @Test("has no second end if somebody else has told one")
    func toldOtherwise() async throws {
        _ = try await np.script(
            Self.kill + #"; "$NP" emit TaskCompleted --task t-1 summary=done; "$NP" run --task t-2 true"#
        )
        let events = try np.loggedEvents()
        #expect(events.filter { $0.source == "t-1" }.map(\.kind) == [.taskStarted, .taskCompleted])
    }

    @Test("has one end when many look at once")
    func once() async throws {
        _ = try await np.script(
            Self.kill + #"; for i in 1 2 3 4 5 6 7 8; do "$NP" run --task t-2 true & done; wait"#
        )
        let events = try np.loggedEvents()
        #expect(events.count { $0.kind == .taskFailed && $0.source == "t-1" } == 1)
        #expect(events.count == 2 + 16)
    }

    @Test("leaves no record behind once its end is told, and neither does a run that ended in order")
    func records() async throws {
        let outcome = try await np.script(
            Self.kill + #"; ls tasks | grep -c run-; "$NP" run --task t-2 true; ls tasks | grep -c run-"#
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
