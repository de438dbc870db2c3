// The example of the spec: its log, its commands, its output, byte for byte.

import TestSupport
import Testing

@Suite("The example of the spec", .apart)
struct SpecExampleTests {
    let home: Home

    init() throws {
        home = try Home()
        try home.write(log: Sample.log)
    }

    @Test("prints exactly as the spec shows it")
    func whole() async throws {
        let result = try await home.np("events")
        #expect(result.out == Sample.text.map { $0 + "\n" }.joined())
        #expect(result.err == "")
        #expect(result.status == 0)
    }

    @Test("has four events of the task, those addressed to it included")
    func task() async throws {
        #expect(try await home.np("events", "--task", "eg-abc123").lines == Sample.text(1, 3, 4, 5))
        #expect(try await home.np("events", "-t", "eg-abc123", "-t", "eg-other").lines == Sample.text(1, 3, 4, 5))
    }

    @Test("has two rebase events")
    func kinds() async throws {
        let result = try await home.np("events", "--kind", "RebaseRequired", "--kind", "RebaseCompleted")
        #expect(result.lines == Sample.text(3, 4))
    }

    @Test("can be cut at both ends, and both moments belong to it")
    func time() async throws {
        #expect(try await home.np("events", "--since", "2026-01-11T15:31:01Z").lines == Sample.text(3, 4, 5))
        #expect(try await home.np("events", "--until", "2026-01-11 15:31:01").lines == Sample.text(1, 2, 3))
        #expect(
            try await home.np("events", "-S", "2026-01-11 15:31", "-U", "2026-01-11 15:31:01").lines
                == Sample.text(2, 3)
        )
        #expect(try await home.np("events", "-S", "2026-01-11", "-U", "2026-01-12").lines == Sample.text)
        #expect(try await home.np("events", "-S", "2026-01-11T16:31:15+01:00").lines == Sample.text(4, 5))
    }

    @Test("can be asked for with several filters at once, which must all hold")
    func combination() async throws {
        let result = try await home.np(
            "events",
            "--task",
            "eg-abc123",
            "--since",
            "2026-01-11T15:31:00Z",
            "-k",
            "rebase"
        )
        #expect(result.lines == Sample.text(3, 4))
    }

    @Test("shows none of its events as fresh, but those that have just been emitted")
    func lastHour() async throws {
        let id = try await home.np("emit", "TaskStarted", "--task", "eg-fresh").lines
        let fresh = try await home.np("events", "--since", "1h", "-o", "csv")
        #expect(fresh.lines.dropFirst().map { String($0.prefix(36)) } == id)
        #expect(try await home.np("events", "--task", "eg-abc123", "--since", "1h").out == "")
        #expect(try await home.np("events", "--until", "1h").lines == Sample.text)
    }
}
