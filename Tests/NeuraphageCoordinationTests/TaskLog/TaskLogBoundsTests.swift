// What a log may hold that no np has written, and very much of it.

import NeuraphageEvents
import TestSupport
import Testing

@testable import NeuraphageProjections

@Suite("The fold of tasks takes whatever a log may hold", .apart)
struct TaskLogBoundsTests {
    /// Members that payloads may have.
    private static let keys = [
        "begin", "cause", "agent", "session", "turn", "resource", "exclusive", "waited_for", "holder", "waited_ms",
        "commits_behind", "commit", "subject", "repo", "common_dir", "branch", "worktree", "files", "files_count",
        "touched", "tools", "failures", "checks", "asks", "continued", "machine", "background", "error", "until",
        "reason", "inferred", "for", "tool", "agent_id", "where", "title", "command", "summary", "exit_code", "signal",
        "notification", "notifications", "lost", "previous", "path", "onto", "how", "since",
    ]

    /// A value of a type that the member may or may not have.
    private static func value(_ ids: [EventID], _ generator: inout some RandomNumberGenerator) -> JSONValue {
        switch Int.random(in: 0..<14, using: &generator) {
        case 0: .null
        case 1: .bool(.random(using: &generator))
        case 2: .integer(Int.random(in: -3...9, using: &generator))
        case 3: [.max, .min, 1 << 62].randomElement(using: &generator).map { (n: Int) in .integer(n) } ?? .null
        case 4: .number(1e300)
        case 5:
            ["", "a", "passed", "failed", "permission", "idle", "é\u{0}\u{1F980}"].randomElement(using: &generator)
                .map { .string($0) } ?? .null
        case 6: .array([.string("a"), .integer(1), .null, .array([]), .object([])])
        case 7: .object([("n", .integer(Int.max)), ("failed", "x"), ("denied", .null)])
        case 8: .array([["tool": "Bash", "n": 9_223_372_036_854_775_807, "input": "h"], ["tool": 1], 7, []])
        case 9: .array([["check": "make test", "n": -1, "failed": 9_223_372_036_854_775_807, "last": "failed"], [:]])
        case 10: .array([["file": "a", "commits": [["commit": "c", "subject": 1], 2]], "x"])
        case 11: .string(String(repeating: "long ", count: 300))
        default: ids.randomElement(using: &generator).map { .string($0.description) } ?? .null
        }
    }

    private static func event(_ ids: [EventID], _ generator: inout some RandomNumberGenerator) -> Event {
        let tasks: [TaskID?] = [nil, "t", "u", TaskID(asWritten: ""), TaskID(asWritten: "\u{0}")]
        var members: [(String, JSONValue)] = []
        if Int.random(in: 0..<3, using: &generator) > 0 {
            members += [("agent", "claude"), ("session", .string(["s", "r"].randomElement(using: &generator) ?? "s"))]
        }
        if Bool.random(using: &generator) { members.append(("resource", "build")) }
        for _ in 0..<Int.random(in: 0..<8, using: &generator) {
            members.append((keys.randomElement(using: &generator) ?? "", value(ids, &generator)))
        }
        let payloads: [Payload] = [.empty, Payload(.array([1, "x"])), Payload(.null), Payload(.string("{"))]
        let isOdd = Int.random(in: 0..<20, using: &generator) == 0
        return Event(
            EventKind.known.randomElement(using: &generator) ?? .taskStarted,
            from: tasks.randomElement(using: &generator) ?? nil,
            to: tasks.randomElement(using: &generator) ?? nil,
            payload: isOdd ? payloads.randomElement(using: &generator) ?? .empty : Payload(.object(members))
        )
    }

    @Test("random events of all kinds come to the same, however they are interrupted, and stop nothing")
    func random() throws {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<10 {
            var events: [Event] = []
            for _ in 0..<400 {
                // Some are repeated, or tell of what was told before.
                let again = events.suffix(9).randomElement(using: &generator)
                let isAgain = Int.random(in: 0..<10, using: &generator) == 0
                events.append(
                    isAgain ? again ?? .taskStarted("t") : Self.event(events.suffix(50).map(\.id), &generator)
                )
            }
            let whole = TaskLogCase.parts(TaskLogCase.fold(events[...], onto: [:]))
            let end = Int.random(in: 0..<events.count, using: &generator)
            let stored = TaskLogCase.stored(TaskLogCase.fold(events[..<end], onto: [:]))
            let rest = TaskLogCase.parts(TaskLogCase.fold(events[end...], onto: stored))
            #expect(rest == whole, "interrupted at \(end): \(events)")
        }
    }

    @Test("what a task's part comes to does not depend on the parts of other tasks")
    func partial() throws {
        var generator = SystemRandomNumberGenerator()
        var events: [Event] = []
        for _ in 0..<2_000 { events.append(Self.event(events.suffix(50).map(\.id), &generator)) }
        let whole = TaskLogCase.fold(events[...], onto: [:])
        var only = ProjectionParts<TaskLog.Part>(of: TaskLog.keys(of: ["t"]))
        for index in events.indices { TaskLog.apply(events[index], at: TaskLogCase.place(index), to: &only) }
        #expect(only.task("t") == whole.task("t"))
        #expect(only.rest == whole.rest)
        #expect(only.task("u") == nil)
    }

    @Test("bytes that were not written as a part are none, and stop nothing")
    func damagedBytes() throws {
        var generator = SystemRandomNumberGenerator()
        var events: [Event] = []
        for _ in 0..<300 { events.append(Self.event(events.suffix(50).map(\.id), &generator)) }
        let parts = TaskLogCase.parts(TaskLogCase.fold(events[...], onto: [:]))
        for part in parts.values {
            var bytes: [UInt8] = []
            part.encode(into: &bytes)
            #expect(TaskLog.Part(bytes.span) == part)
            #expect(TaskLog.Part((bytes + [0]).span) == nil)
            for length in stride(from: 0, to: bytes.count, by: 7) {
                #expect(TaskLog.Part(bytes.span.extracting(0..<length)) == nil)
            }
            for _ in 0..<300 {
                var damaged = bytes
                damaged[Int.random(in: damaged.indices, using: &generator)] = .random(in: 0...255, using: &generator)
                _ = TaskLog.Part(damaged.span)
            }
        }
    }

    @Test("a task takes no more room for twenty times as many events")
    func manyEvents() throws {
        var log = TaskLogCase()
        log.tell(.taskStarted("t"))
        for index in 0..<40 {
            let session = SessionName(agent: "claude", id: "s-\(index)")
            log.hook("AgentSessionStarted", in: session)
            let turn = log.prompt(in: session)
            log.hook("AgentWaiting", in: session, [("for", "permission")])
            log.hook("AgentSubagentStarted", in: session, [("agent_id", .string("\(index)"))])
            log.tell(.commandStarted("t", isPart: true, title: nil, command: "make", by: nil, at: nil))
            log.tell(.lockAcquired("lock-\(index)", by: "t"))
            let files = JSONValue.array((0..<50).map { .string("f\(index)-\($0)") })
            let checks = JSONValue.array([["check": .string("c\(index)"), "n": 1, "failed": 1, "last": "failed"]])
            log.stop(turn, in: session, [("files", files), ("checks", checks)])
        }
        var parts = ProjectionParts<TaskLog.Part>()
        var next = 0
        func size(after count: Int) throws -> Int {
            for index in next..<count {
                // Each is another one, as in a log.
                let known = log.events[index % log.events.count]
                let event =
                    index < log.events.count || known.kind == .taskStarted
                    ? known
                    : Event(
                        known.kind,
                        from: known.source,
                        payload: known.payload
                    )
                TaskLog.apply(event, at: TaskLogCase.place(index), to: &parts)
            }
            next = count
            return try ["t", ""].reduce(into: 0) { size, key in
                var bytes: [UInt8] = []
                try #require(parts[key]).encode(into: &bytes)
                size += bytes.count
            }
        }
        let few = try size(after: 2_000)
        let many = try size(after: 40_000)
        #expect(few < 64 << 10)
        #expect(many < few + few / 20)
    }

    @Test("5,000 tasks are 5,000 parts, and what belongs to none")
    func manyTasks() throws {
        var parts = ProjectionParts<TaskLog.Part>()
        for index in 0..<20_000 {
            let task = TaskID(asWritten: "t-\(index % 5_000)")
            let event: Event = index < 5_000 ? .taskStarted(task) : .learningExtracted(task, title: "x")
            TaskLog.apply(event, at: TaskLogCase.place(index), to: &parts)
        }
        #expect(parts.tasks.count == 5_000)
        #expect(parts.tasks.allSatisfy { parts.task($0)?.story.count == 4 })
    }
}
