// How the events of a story are found in a log.

import NeuraphageEvents
import NeuraphageSystem
import TestSupport
import Testing

@testable import NeuraphageProjections

@Suite("The events of a long life", .apart)
struct StoryReaderTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test("are read by their places, and tell of the same beginning, end, and locks as all that is in the log")
    func marks() throws {
        var day = LoggedDay()
        day.add("09:00:00", .taskStarted, from: "other", ["agent": "codex"])
        day.add("10:00:00", .taskStarted, from: "t", ["agent": "claude", "session": "s1"])
        let held = day.add("10:00:30", .lockAcquired, from: "other", ["resource": "build", "waited_ms": 0])
        let wait = day.add(
            "10:00:31",
            .lockWaiting,
            from: "t",
            ["resource": "build", "waited_ms": 1_000, "waited_for": .string(held.description), "holder": "other"]
        )
        day.add("10:01:00", .lockReleased, from: "other", ["resource": "build", "begin": .string(held.description)])
        let taken = day.add(
            "10:01:00",
            .lockAcquired,
            from: "t",
            ["resource": "build", "waited_ms": 30_000, "begin": .string(wait.description)]
        )
        day.add("10:02:00", .lockReleased, from: "t", ["resource": "build", "begin": .string(taken.description)])
        for number in 0..<600 { day.add("10:03:00", .nudgeSent, to: "t", ["message": .string("word \(number)")]) }
        day.add("10:04:00", .taskFailed, from: "t", ["error": "no"])
        let path = directory("log.jsonl")
        let text = day.events.map { $0.description + "\n" }.joined()
        let files = RealFileSystem()
        try WholeFile.replace(path, with: text, in: files)

        let store = ProjectionStore(ofLogAt: path, in: DataDirectory(directory("data")))
        let task: TaskID = "t"
        let folded: Folded<TaskLog> = try store.folded(of: TaskLog.keys(of: [task]), writing: false)
        let logged = try #require(folded.parts.task(task))
        var reader = StoryReader(logPath: path, files)
        let whole = try #require(try reader.latestLife(logged, endingAt: folded.end))
        reader.mostBytes = 0
        let marked = try #require(try reader.latestLife(logged, endingAt: folded.end))
        #expect(whole.leftOut == 0 && marked.leftOut > 0 && marked.events.count < whole.events.count)
        let stories = [whole, marked].map { Story($0, at: day.time("10:05:00")) }
        #expect(Set(stories.map(\.state)).count == 1 && stories[0].state.words == "FAILED")
        for story in stories {
            #expect(story.begin == day.time("10:00:00") && !story.open.contains { $0.words.contains("lock") })
            #expect(story.entries.contains { $0.words.hasPrefix("waited for lock build") })
        }
        #expect(!stories[1].log.isComplete && stories[1].log.leftOut == marked.leftOut)
    }

    @Test("tell of all that was not read, of the order that was given last, and of a lock that is held")
    func open() throws {
        var day = LoggedDay()
        day.add("10:00:00", .taskStarted, from: "t", ["agent": "claude", "session": "s1"])
        day.add("10:00:01", .lockAcquired, from: "t", ["resource": "build", "waited_ms": 0])
        for number in 1...1_000 { day.add("10:03:00", .nudgeSent, to: "t", ["message": .string("word \(number)")]) }
        day.add("10:03:01", .rebaseRequired, to: "t", ["commits_behind": 50])
        #expect(
            try open(of: "t", in: day) == [
                "at least 50 commits behind main", "an order to rebase was not read",
                "1000 messages were not read, the last: \"word 1000\"", "holds lock build",
            ]
        )
        for number in 3...1_002 {
            day.add(
                "10:04:00",
                .notificationRead,
                from: "t",
                ["notification": .string(LoggedDay.id(number).description)]
            )
        }
        #expect(
            try open(of: "t", in: day) == [
                "at least 50 commits behind main", "an order to rebase was not read", "holds lock build",
            ]
        )
    }

    @Test("of a task that only holds a lock are that")
    func lockOnly() throws {
        var day = LoggedDay()
        day.add("10:00:00", .lockAcquired, from: "t", ["resource": "build", "waited_ms": 0])
        #expect(try open(of: "t", in: day) == ["holds lock build"])
    }

    /// What is open in the story of a life of which only the places are known.
    private func open(of task: TaskID, in day: LoggedDay) throws -> [String] {
        let path = directory("log.jsonl")
        let files = RealFileSystem()
        try WholeFile.replace(path, with: day.events.map { $0.description + "\n" }.joined(), in: files)
        let store = ProjectionStore(ofLogAt: path, in: DataDirectory(directory("data")))
        let folded: Folded<TaskLog> = try store.folded(of: TaskLog.keys(of: [task]), writing: false)
        let logged = try #require(folded.parts.task(task))
        var reader = StoryReader(logPath: path, files)
        reader.mostBytes = 0
        let life = try #require(try reader.latestLife(logged, endingAt: folded.end))
        return Story(life, at: day.time("10:05:00")).open.map(\.words)
    }
}
