// What the log knows of a wait for a lock: that it was long, for whom, and how it ended.

import Foundation
import NeuraphageEvents
import NeuraphageSystem
import TestSupport
import Testing

@testable import NeuraphageTasks

@Suite("A long wait for a lock", .apart)
struct LockWaitTests {
    let np: NPProcess

    init() throws { np = try NPProcess() }

    /// Takes the lock until somebody writes to `go`.
    private static let holder = """
        mkfifo go
        "$NP" lock build --task holder -- sh -c 'echo >held; read x <go' & holder=$!
        sh -c "$UNTIL" '[ -s held ]'

        """
    private static let untilTold = """
        sh -c "$UNTIL" 'grep -q LockWaiting event_log.jsonl'

        """

    private func event(_ kind: EventKind, of task: String) throws -> Event {
        let events = try np.loggedEvents()
        expectAsInTable(events)
        let found = events.filter { $0.kind == kind && $0.source?.description == task }
        #expect(found.count == 1, "\(kind)")
        return try #require(found.first, "\(kind)")
    }

    @Test("is logged while it goes on, and the acquisition names it, and the one that it waited for")
    func acquired() async throws {
        let outcome = try await np.script(
            Self.holder + """
                "$NP" lock build --task next -- true & next=$!
                \(Self.untilTold)echo >go
                wait $holder && wait $next && echo both
                """
        )
        #expect(outcome.output == "both\n", "\(outcome)")
        let held = try event(.lockAcquired, of: "holder")
        let waiting = try event(.lockWaiting, of: "next")
        let taken = try event(.lockAcquired, of: "next")
        #expect(waiting.payload.string("waited_for") == held.id.description)
        #expect(waiting.payload.string("holder") == "holder" && waiting.payload["holder_pid"] != nil)
        #expect(taken.payload.string("begin") == waiting.id.description)
        #expect(taken.payload.string("waited_for") == held.id.description)
        #expect(held.payload["begin"] == nil && held.payload["waited_for"] == nil)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: np.directory("ledger")).allSatisfy {
                !$0.hasPrefix("holder-")
            }
        )
    }

    @Test("ends in the log as well if it is given up, or its process is killed", arguments: [false, true])
    func ended(byKill: Bool) async throws {
        let end = byKill ? "kill -9 $next; wait $next" : "wait $next"
        _ = try await np.script(
            Self.holder + """
                "$NP" lock build --task next --wait \(byKill ? "10m" : "3s") -- true & next=$!
                \(Self.untilTold)\(end)
                "$NP" watch --once
                echo >go; wait $holder
                """
        )
        let waiting = try event(.lockWaiting, of: "next")
        let timedOut = try event(.lockTimedOut, of: "next")
        #expect(timedOut.payload.string("begin") == waiting.id.description)
        #expect(timedOut.payload.string("waited_for") == waiting.payload.string("waited_for"))
        #expect((timedOut.payload["inferred"]?.text == "true") == byKill)
        #expect((timedOut.payload["waited_ms"] == nil) == byKill)
        // The process that waited was no holder.
        #expect(try np.loggedEvents().count { $0.kind == .lockReleased } == 1)
    }
}
