// The board for programs.

import Foundation
import NeuraphageEvents
import NeuraphageProjections
import TestSupport
import Testing

@testable import NeuraphageStatus

@Suite("The board as JSON", .apart)
struct BoardJSONTests {
    private func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test("is one document, with what is listed in its order")
    func document() throws {
        var board = Boards.day
        board.tasks.append(Boards.status("old", .merged, for: 10_000))
        board.undelivered = [.init(to: "x\"\n", message: EventID("m"), time: Boards.now)]
        board.locks = [.init(name: "l", holders: [.init(task: nil, pid: 7, since: Boards.now)], waiters: [])]
        let json = try object(board.json(board.listing(all: false)))
        let tasks = try #require(json["tasks"] as? [[String: Any]])
        #expect(tasks.map { $0["task"] as? String }.prefix(3) == ["dark-mode", "api-rate-limit", "checkout-discounts"])
        #expect(tasks.count == 8 && json["ended_earlier"] as? Int == 1)
        #expect(json["time"] as? String == "2026-01-11T15:30:00.000000Z" && json["is_past"] as? Bool == false)
        let first = try #require(tasks.first)
        #expect(first["phase"] as? String == "asks" && first["waits_for_you"] as? Bool == true)
        #expect((first["places"] as? [[String: Any]])?.first?["behind"] as? Int == 14 && first["unread"] as? Int == 1)
        #expect((first["evidence"] as? [String: Any])?["source"] as? String == "log")
        #expect((json["undelivered"] as? [[String: Any]])?.first?["task"] as? String == "x\"\n")
    }

    @Test("holds all tasks, however many there are")
    func many() throws {
        let board = Boards.board((0..<5_000).map { Boards.status("task-\($0)", .working) })
        #expect((try object(board.json(board.listing(all: true)))["tasks"] as? [Any])?.count == 5_000)
    }
}
