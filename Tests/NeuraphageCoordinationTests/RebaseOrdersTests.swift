// Orders to rebase as an agent gets them: one that holds, not all that were ever given.

import NeuraphageEvents
import TestSupport
import Testing

@testable import NeuraphageAgents
@testable import NeuraphageGit
@testable import NeuraphagePresentation
@testable import NeuraphageProjections
@testable import NeuraphageSystem
@testable import NeuraphageTasks
@testable import NeuraphageWatching

@Suite("An order to rebase", .apart)
struct RebaseOrdersTests {
    private func order(_ count: Int) -> Event {
        Event(.rebaseRequired, to: "t-1", payload: ["commits_behind": .integer(count)])
    }

    /// The lines that a turn hands over, without the first one and without times.
    private func told(_ hook: AgentHookCase) throws -> [String] {
        let printed = try hook.hear(.claude, event: "UserPromptSubmit").printed
        _ = try hook.hear(.claude, event: "Stop")
        return printed.split(separator: "\n").map { String($0.replacing(#/^[-0-9: ]+  /#, with: "")) }
    }

    /// How many notifications the log says were read, and in how many events which others were overtaken.
    private func marks(_ hook: AgentHookCase) throws -> (read: Int, superseded: [Int]) {
        let events = try hook.logged()
        return (
            events.count { $0.kind == Reading.kind },
            events.compactMap(Lapse.init).filter { $0.reason == .superseded }.map(\.notifications.count)
        )
    }

    @Test(
        "is told to an agent only if it is the latest one, and the log says in one event that the others were overtaken"
    )
    func severalOrders() throws {
        let hook = try AgentHookCase()
        try hook.append(order(1), order(2), Event(.nudgeSent, to: "t-1", payload: ["message": "word"]), order(3))
        #expect(
            try told(hook) == [
                "np inbox: 2 notifications for t-1 (told by other tasks and by np, not by your user)",
                "NudgeSent: word", "RebaseRequired: 3 commits behind main; run: np rebase",
            ]
        )
        #expect(try told(hook) == [])
        #expect(try marks(hook) == (2, [2]))
        #expect(try hook.logged().last { $0.kind == .notificationSuperseded }?.payload.string("cause") != nil)
    }

    @Test("is not told if it has been followed, and does not count as read")
    func followedOrders() throws {
        let hook = try AgentHookCase()
        let rebased = Event(.rebaseCompleted, from: "t-1")
        try hook.append(order(1), order(2), rebased, Event(.rebaseCompleted, from: "t-2"))
        #expect(try told(hook) == [])
        #expect(try marks(hook) == (0, [2]))
        try hook.append(order(3))
        #expect(try told(hook).last == "RebaseRequired: 3 commits behind main; run: np rebase")
        try hook.append(order(4), Event(.rebaseCompleted, from: "t-2"))
        #expect(try told(hook).last == "RebaseRequired: 4 commits behind main; run: np rebase")
    }

    @Test("costs no other notification its turn if it is outdated")
    func manyWithOrders() throws {
        let hook = try AgentHookCase()
        for number in 1...25 {
            try hook.append(
                Event(.nudgeSent, to: "t-1", payload: ["message": .string("word \(number)")]),
                order(number)
            )
        }
        var lines: [String] = []
        while true {
            let told = try told(hook)
            if told.isEmpty { break }
            lines += told.filter { $0.contains("word") || $0.contains("behind") }
        }
        let words = (1...25).map { "NudgeSent: word \($0)" }
        #expect(lines == words + ["RebaseRequired: 25 commits behind main; run: np rebase"])
    }
}
