// What receipts say of checks, failures and files.

import NeuraphageEvents
import TestSupport
import Testing

@testable import NeuraphageProjections

@Suite("What the log says of the work of a task", .apart)
struct TaskWorkTests {
    var log = TaskLogCase()

    init() {
        log.tell(.taskStarted("t"))
    }

    /// A turn with a receipt.
    private mutating func turn(_ members: [(String, JSONValue)]) {
        log.stop(log.prompt(), [("tools", ["n": 9, "failed": 0, "denied": 0])] + members)
    }

    private func failure(_ count: Int, input: String = "h", sinceChange: Int? = nil) -> (String, JSONValue) {
        let since: [(String, JSONValue)] = sinceChange.map { [("since_change", .integer($0))] } ?? []
        let members: [(String, JSONValue)] = [("tool", "Bash"), ("n", .integer(count)), ("input", .string(input))]
        return ("failures", .array([.object(members + since)]))
    }

    private func check(
        _ count: Int,
        failed: Int,
        _ last: String,
        sinceChange: Int? = nil
    ) -> (String, JSONValue) {
        let since: [(String, JSONValue)] = sinceChange.map { [("since_change", .integer($0))] } ?? []
        let members: [(String, JSONValue)] = [
            ("check", "make test"), ("n", .integer(count)), ("failed", .integer(failed)), ("last", .string(last)),
        ]
        return ("checks", .array([.object(members + since)]))
    }

    private let change: (String, JSONValue) = ("files", ["a.swift"])

    private func failedCount() throws -> Int? { try log.task().checks.first?.failedCount }

    @Test("make test failed twice with no edit between, and then the agent gave up")
    mutating func gaveUp() throws {
        turn([change])
        turn([check(2, failed: 2, "failed")])
        let check = try #require(try log.task().checks.first)
        #expect(check.name == "make test")
        #expect(check.result == "failed")
        #expect(check.failedCount == 2)
        #expect(!check.isOutdated)
        #expect(log.rest().failures.last?.what == .check)
    }

    @Test("failures of a check add up over turns in which no file was changed")
    mutating func failuresAddUp() throws {
        turn([check(1, failed: 1, "failed")])
        turn([])
        turn([check(2, failed: 2, "failed")])
        #expect(try failedCount() == 3)
        turn([check(1, failed: 0, "passed")])
        #expect(try failedCount() == 0)
    }

    @Test("after a change of a file only what is known to have failed since counts")
    mutating func failuresAfterChange() throws {
        turn([check(3, failed: 3, "failed")])
        turn([change, check(4, failed: 3, "failed")])
        #expect(try failedCount() == 0)
        turn([change, check(4, failed: 3, "failed", sinceChange: 2)])
        #expect(try failedCount() == 2)
        turn([check(1, failed: 1, "failed")])
        #expect(try failedCount() == 3)
    }

    @Test("a check that may have passed between two failures has failed once since")
    mutating func passedBetween() throws {
        turn([check(3, failed: 2, "failed")])
        #expect(try failedCount() == 1)
    }

    @Test("a check is outdated once a file is changed in a later turn")
    mutating func outdated() throws {
        turn([check(1, failed: 1, "failed")])
        turn([change])
        #expect(try log.task().checks.first?.isOutdated == true)
        turn([check(1, failed: 0, "passed")])
        #expect(try log.task().checks.first?.isOutdated == false)
    }

    @Test("a check that failed before the last change of its turn is outdated")
    mutating func outdatedInTurn() throws {
        turn([change, check(1, failed: 1, "failed", sinceChange: 0)])
        #expect(try log.task().checks.first?.isOutdated == true)
        turn([change, check(1, failed: 1, "failed", sinceChange: 1)])
        #expect(try log.task().checks.first?.isOutdated == false)
    }

    // MARK: - Loops

    @Test("the same failure in one turn without a change of a file is a loop")
    mutating func loop() throws {
        turn([failure(3)])
        #expect(try log.task().failures.map(\.count) == [3])
    }

    @Test("the same failure in consecutive turns without a change of a file adds up")
    mutating func loopOverTurns() throws {
        turn([failure(1)])
        turn([failure(2)])
        #expect(try log.task().failures.map(\.count) == [3])
    }

    @Test("a failure with another input is another one, and one that did not come again is over")
    mutating func otherInput() throws {
        turn([failure(2)])
        turn([failure(1, input: "other")])
        #expect(try log.task().failures.map(\.input) == ["other"])
        #expect(try log.task().failures.map(\.count) == [1])
    }

    @Test("what failed before a change of a file does not count after it")
    mutating func changeBetween() throws {
        turn([failure(2)])
        turn([change])
        #expect(try log.task().failures.isEmpty)
        turn([change, failure(5)])
        #expect(try log.task().failures.isEmpty)
        turn([change, failure(5, sinceChange: 4)])
        #expect(try log.task().failures.map(\.count) == [4])
    }

    @Test("a failure of which the input is not known is the same as no other")
    mutating func unknownInput() throws {
        turn([("failures", [["tool": "Bash", "n": 5]])])
        #expect(try log.task().failures.isEmpty)
        #expect(try log.task().sessions.last?.turn?.failures.map(\.count) == [5])
    }

    @Test("a receipt that is told twice counts once")
    mutating func repeated() throws {
        let begin = log.prompt()
        log.stop(begin, [failure(2)])
        log.stop(begin, [failure(2)])
        #expect(try log.task().failures.map(\.count) == [2])
    }

    // MARK: - Files

    @Test("the files that tools have changed are each named once, in order, 200 at most")
    mutating func files() throws {
        turn([("files", ["b", "a"]), ("files_count", 2)])
        turn([("files", ["a", "/elsewhere/c"])])
        log.tell(.fileModified("t", path: "d"))
        #expect(try log.task().files == ["/elsewhere/c", "a", "b", "d"])
        #expect(try log.task().filesCount == 4)
        for turns in 0..<9 { turn([("files", .array((0..<50).map { .string("f\(turns)-\($0)") }))]) }
        #expect(try log.task().files.count == 200)
        #expect(try log.task().filesCount > 200)
    }

    @Test("since when files are changed counts from the last time that the branch caught up")
    mutating func firstChange() throws {
        turn([change])
        let first = try log.task().firstChange
        turn([change])
        #expect(first != nil)
        #expect(try log.task().firstChange == first)
        log.tell(.rebaseCompleted("t", previous: "a", new: "b"))
        #expect(try log.task().firstChange == nil)
        #expect(try log.task().files == ["a.swift"])
    }
}
