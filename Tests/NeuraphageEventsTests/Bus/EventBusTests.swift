import TestSupport
import Testing

@testable import NeuraphageEvents

@Suite("The bus", .apart)
struct EventBusTests {
    private let bus = EventBus()

    private func kinds(_ subscription: Subscription) -> [EventKind] {
        subscription.drain().compactMap { $0.event?.kind }
    }

    @Test("hands every one of 50 events from five publishers to a subscriber, once")
    func concurrentPublishing() throws {
        let subscription = bus.subscribe()
        _ = try onThreads(5) { [bus] thread in
            for number in 0..<10 {
                bus.taskStarted(TaskID(asWritten: "task-\(thread)"), title: "\(number)")
            }
        }
        let events = subscription.drain().compactMap(\.event)
        #expect(events.count == 50)
        for thread in 0..<5 {
            let titles = events.filter { $0.source?.description == "task-\(thread)" }.map { $0.payload["title"]?.text }
            #expect(titles == (0..<10).map { String($0) })
        }
    }

    @Test("shows a task's life in its order, ephemeral events included")
    func lifecycle() {
        let subscription = bus.subscribe()
        bus.taskStarted("a")
        bus.fileModified("a", path: "/test.txt")
        bus.taskCompleted("a", summary: "All done")
        #expect(kinds(subscription) == [.taskStarted, .fileModified, .taskCompleted])
        #expect(subscription.tryNext() == .nothingNow)
    }

    @Test("hands on the event that was published, uncut")
    func identity() throws {
        let subscription = bus.subscribe()
        let event = Event(
            .nudgeSent,
            from: "a",
            to: "b",
            payload: ["message": .string(String(repeating: "x", count: 20_000))]
        )
        bus.publish(event)
        #expect(subscription.drain() == [.event(event)])
        #expect(bus.recentEvents() == [event])
    }

    @Test("shows a subscriber only the kinds it asked for")
    func kindFilter() {
        let completed = bus.subscribe(to: [.taskCompleted])
        let custom = bus.subscribe(to: [.custom("x")])
        let rebases = bus.subscribe(to: [.mainUpdated, .rebaseRequired, .rebaseCompleted, .syncRelayed])
        bus.taskStarted("a")
        bus.taskCompleted("a", summary: "")
        bus.taskFailed("a", error: "")
        bus.publish(Event(.custom("x")))
        bus.publish(Event(.custom("y")))
        bus.mainUpdated(repo: "/r", branch: "main", previous: nil, commit: "abc123")
        bus.rebaseRequired("a", commitsBehind: 3)
        bus.rebaseCompleted("a", previous: "1", new: "2")
        bus.syncRelayed(from: "a", to: "b", learning: "x")
        #expect(kinds(completed) == [.taskCompleted])
        #expect(kinds(custom) == [.custom("x")])
        #expect(kinds(rebases) == [.mainUpdated, .rebaseRequired, .rebaseCompleted, .syncRelayed])
    }

    @Test("shows a subscriber the tasks it asked for, as source and as target")
    func taskFilter() {
        let subscription = bus.subscribe(tasks: ["a"])
        for _ in 0..<3 {
            bus.taskStarted("a")
            bus.taskStarted("b")
            bus.rebaseRequired("a", commitsBehind: 1)
            bus.rebaseRequired("b", commitsBehind: 1)
            bus.syncRelayed(from: "b", to: "a", learning: "")
            bus.mainUpdated(repo: "", branch: "", previous: nil, commit: "")
        }
        let expected: [EventKind] = [.taskStarted, .rebaseRequired, .syncRelayed]
        #expect(kinds(subscription) == expected + expected + expected)
    }

    @Test("takes filters by kind and by task together")
    func bothFilters() {
        let subscription = bus.subscribe(to: [.rebaseRequired], tasks: ["a"])
        bus.rebaseRequired("b", commitsBehind: 1)
        bus.taskStarted("a")
        bus.rebaseRequired("a", commitsBehind: 2)
        let events = subscription.drain().compactMap(\.event)
        #expect(events.map { $0.payload["commits_behind"]?.text } == ["2"])
    }

    @Test("shows a subscriber nothing from before it subscribed")
    func noPast() {
        bus.taskStarted("a")
        let subscription = bus.subscribe()
        #expect(subscription.tryNext() == .nothingNow)
        bus.taskStarted("b")
        #expect(subscription.drain().compactMap { $0.event?.source } == ["b"])
    }

    @Test("keeps the events of a batch together for every reader while others publish")
    func batches() throws {
        let bus = EventBus(historySize: 10_000)
        let subscription = bus.subscribe()
        _ = try onThreads(4) { thread in
            for _ in 0..<50 {
                let source = TaskID(asWritten: "task-\(thread)")
                if thread == 0 {
                    bus.publish(Event(.taskStarted, from: source))
                } else {
                    bus.publish(contentsOf: (0..<10).map { _ in Event(.taskStarted, from: source) })
                }
            }
        }
        let batched = subscription.drain().compactMap(\.event?.source).map(\.description)
        #expect(batched.count == 50 + 3 * 500)
        #expect(batched == bus.recentEvents().compactMap { $0.source?.description })
        var rest = batched[...]
        while let source = rest.first {
            let length = source == "task-0" ? 1 : 10
            guard rest.prefix(length).allSatisfy({ $0 == source }), rest.count >= length else {
                Issue.record("a batch of \(source) is interrupted")
                return
            }
            rest = rest.dropFirst(length)
        }
    }

    @Test("has a method for each common kind, with the payload of the vocabulary")
    func convenienceMethods() {
        bus.taskStarted("a")
        bus.taskStarted("a", title: "t")
        bus.taskCompleted("a", summary: "All done")
        bus.taskFailed("a", error: "boom")
        bus.taskCancelled("a")
        bus.taskCancelled("a", reason: "no")
        bus.taskWaitingForUser("a", prompt: "y/n?")
        bus.fileModified("a", path: "/test.txt")
        bus.mainUpdated(repo: "/r", branch: "main", previous: nil, commit: "c")
        bus.rebaseRequired("a", commitsBehind: 2, newCommits: ["x", "y"])
        bus.rebaseCompleted("a", previous: "p", new: "n")
        bus.rebaseConflict("a", files: ["f"])
        bus.nudgeSent(to: "a", message: "m")
        bus.syncRelayed(from: "a", to: "b", learning: "l")
        bus.learningExtracted("a", title: "t")
        let seen = bus.recentEvents().map {
            "\($0.kind) \($0.source?.description ?? "-") \($0.target?.description ?? "-") \($0.payload)"
        }
        #expect(
            seen == [
                "TaskStarted a - {}", #"TaskStarted a - {"title":"t"}"#, #"TaskCompleted a - {"summary":"All done"}"#,
                #"TaskFailed a - {"error":"boom"}"#, "TaskCancelled a - {}", #"TaskCancelled a - {"reason":"no"}"#,
                #"TaskWaitingForUser a - {"prompt":"y/n?"}"#, #"FileModified a - {"path":"/test.txt"}"#,
                #"MainUpdated - - {"repo":"/r","repo_name":"r","branch":"main","previous":null,"commit":"c"}"#,
                #"RebaseRequired - a {"commits_behind":2,"new_commits":["x","y"]}"#,
                #"RebaseCompleted a - {"previous":"p","new":"n"}"#, #"RebaseConflict a - {"files":["f"],"details":""}"#,
                #"NudgeSent - a {"message":"m","severity":"Hint"}"#,
                #"SyncRelayed a b {"learning":"l","urgency":"Fyi"}"#,
                #"LearningExtracted a - {"title":"t","kind":"Fact"}"#,
            ]
        )
    }
}
