// A screen that is redrawn: what is written, and when the bell rings.

import NeuraphageEvents
import TestSupport
import Testing

@testable import NeuraphageStatus
@testable import np

@Suite("A screen that is redrawn", .apart)
struct ScreenTests {
    private func bytes(_ old: [String], _ new: [String]) -> String {
        String(decoding: ScreenUpdate.bytes(from: old, to: new), as: UTF8.self)
    }

    @Test("gets only the lines that differ, and loses those that are gone")
    func changes() {
        #expect(bytes(["a", "b"], ["a", "b"]) == "")
        #expect(bytes(["a", "b", "c"], ["a", "x", "c"]) == "\u{1b}[2;1Hx\u{1b}[K")
        #expect(bytes(["a", "b", "c"], ["a"]) == "\u{1b}[2;1H\u{1b}[J")
        #expect(bytes([], ["a", ""]) == "\u{1b}[1;1Ha\u{1b}[K\u{1b}[2;1H\u{1b}[K")
    }

    @Test("says how many lines found no room")
    func fitting() {
        #expect(ScreenUpdate.fitting(["a", "b"], rows: 2) == ["a", "b"])
        #expect(ScreenUpdate.fitting(["a", "b", "c", "d"], rows: 3) == ["a", "b", "… and 2 more lines"])
    }

    @Test("rings once for each task that has begun to wait, when its wait is a minute old")
    func bell() {
        var bell = WaitBell()
        func board(_ waits: [(String, Int64)]) -> TaskBoard {
            Boards.board(waits.map { Boards.status($0.0, .asks, for: $0.1) })
        }
        func rings(_ waits: (String, Int64)...) -> Bool { bell.rings(for: board(waits)) }
        #expect(!rings(("a", 100)))  // that is seen
        #expect(!rings(("a", 100), ("b", 30)))
        #expect(rings(("a", 100), ("b", 60)))
        #expect(!rings(("a", 100), ("b", 60)))
        #expect(!rings(("b", 60)))
        #expect(rings(("a", 70), ("b", 60)))
        #expect(bell.nextChange(in: board([("a", 70), ("b", 20), ("c", 45)])) == .seconds(15))
        #expect(bell.nextChange(in: board([("a", 70)])) == nil)
    }
}
