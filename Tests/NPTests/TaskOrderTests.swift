// What comes first in a list of tasks.

import NeuraphageEvents
import TestSupport
import Testing

@testable import NeuraphageStatus

@Suite("Tasks are in an order", .apart)
struct TaskOrderTests {
    @Test("in which what your silence costs most is first, and what is so for longest is first among equals")
    func order() {
        let tasks = [
            Boards.status("merged", .merged, for: 50), Boards.status("done", .done, for: 20),
            Boards.status("cancelled", .cancelled, for: 40), Boards.status("recorded", .notRecorded),
            Boards.status("unknown", .unknown), Boards.status("working", .working),
            Boards.status("rebasing", .rebasing),
            Boards.status("paused", .paused), Boards.status("stopped", .stopped), Boards.status("limited", .limited),
            Boards.status("exited", .exited), Boards.status("conflict", .conflict), Boards.status("failed", .failed),
            Boards.status("check", .checkFailed), Boards.status("asks-2", .asks, for: 100),
            Boards.status("asked", .asked, for: 150), Boards.status("asks-1", .asks, for: 200),
            Boards.status("asks-since-ever", .asks, for: nil), Boards.status("asks-3", .asks, for: 100),
        ]
        let order = [
            "asks-since-ever", "asks-1", "asked", "asks-2", "asks-3", "check", "failed", "conflict", "exited",
            "limited",
            "stopped", "paused", "rebasing", "working", "unknown", "recorded", "done", "cancelled", "merged",
        ]
        #expect(tasks.sorted { $0.order < $1.order }.map(\.task.description) == order)
        #expect(tasks.reversed().sorted { $0.order < $1.order }.map(\.task.description) == order)
    }
}
