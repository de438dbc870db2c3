// Folding a log: whatever a checkpoint is, the answer is what a fold from the beginning comes to.

import NeuraphageEvents
import TestSupport
import Testing

@testable import NeuraphageProjections
@testable import NeuraphageSystem

@Suite("A fold of a log", .apart)
struct ProjectionStoreTests {
    let directory: TemporaryDirectory
    let path: String
    let tasks = (1...5).map { TaskID(stringLiteral: "t-\($0)") }

    init() throws {
        directory = try TemporaryDirectory()
        path = directory[EventLogConfig.fileName]
    }

    private var data: DataDirectory { DataDirectory(directory("data")) }
    private var store: ProjectionStore { ProjectionStore(ofLogAt: path, in: data) }
    private var checkpoint: String { "data/projections/transcript" }

    /// What a fold comes to that knows no checkpoint.
    private func scratch(upTo time: Timestamp? = nil) throws -> Folded<Transcript> {
        let other = ProjectionStore(ofLogAt: path, in: DataDirectory(directory("nowhere")))
        return try other.folded(upTo: time, writing: false)
    }

    private func check(
        writing: Bool = true,
        _ comment: Comment? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let folded: Folded<Transcript> = try store.folded(writing: writing)
        let right = try scratch()
        #expect(folded.contents == right.contents, comment, sourceLocation: sourceLocation)
        #expect(folded.end == right.end, comment, sourceLocation: sourceLocation)
        #expect(folded.report == right.report, comment, sourceLocation: sourceLocation)
        #expect(folded.latest == right.latest, comment, sourceLocation: sourceLocation)
    }

    private func line(_ task: TaskID? = "t-1", bytes: Int = 10, at time: Timestamp = .now) -> String {
        let payload: Payload = ["text": .string(String(repeating: "x", count: bytes))]
        return "\(Event(id: Event(.logGap).id, .custom("made"), from: task, payload: payload, timestamp: time))\n"
    }

    /// As much as makes a checkpoint worth writing.
    private func bulk(_ task: TaskID = "t-1") -> String {
        (0..<30).map { _ in line(task, bytes: 9_000) }.joined()
    }

    /// Writes a checkpoint of a small log as if it were worth it.
    private func begin() throws {
        for task in tasks { try directory.append(bulk(task)) }
        try check()
        #expect(directory.exists(checkpoint))
    }

    // MARK: - Going on

    @Test("goes on from a checkpoint as if it had begun at the beginning, whatever the log goes through")
    func goesOn() throws {
        var generator = SystemRandomNumberGenerator()
        var segment = 0
        var repeated = ""
        for _ in 0..<120 {
            let task = tasks.randomElement(using: &generator)
            switch Int.random(in: 0..<12, using: &generator) {
            case 0: try directory.append("no event\n\n")
            case 1: try directory.append(String(line(task).dropLast(Int.random(in: 1..<20, using: &generator))))
            case 2 where directory.exists():
                segment += Int.random(in: 1...10, using: &generator) == 1 ? 2 : 1
                let number = String(1_000_000 + segment).dropFirst()
                try directory.rename(EventLogConfig.fileName, to: "event_log.\(number).jsonl")
                if Bool.random(using: &generator) { try directory.append(repeated) }
            case 3: try directory.append("\(Event(.taskCompleted, from: task ?? "t-1"))\n")
            case 4, 5: try directory.append(bulk(task ?? "t-2"))
            default:
                repeated = line(task, bytes: Int.random(in: 0..<3_000, using: &generator))
                try directory.append(repeated)
            }
            if Bool.random(using: &generator) { try check(writing: Bool.random(using: &generator)) }
        }
        try check()
    }

    @Test("reads of the log only what came after the checkpoint")
    func reads() throws {
        try begin()
        try directory.append(line())
        let files = CountingFileSystem()
        let data = DataDirectory(directory("data"), files: files)
        let folded: Folded<Transcript> = try #require(
            try ProjectionStore(ofLogAt: path, in: data).folded(readingAtMost: 1_000, writing: false)
        )
        #expect(try folded.contents == scratch().contents)
        // Of the log's beginning one buffer is read, to see whether lines are repetitions.
        #expect(files.bytesRead < 300 << 10)
        try directory.append(line(bytes: 2_000))
        #expect(try store.folded(Transcript.self, readingAtMost: 1_000, writing: true) == nil)
    }

    @Test("without a log has come to nothing")
    func noLog() throws {
        let folded: Folded<Transcript> = try store.folded(writing: true)
        #expect(folded.end == nil)
        #expect(folded.contents.isEmpty)
        #expect(!directory.exists("data"))
    }

    @Test("finds the events of its places again, and leaves out those that are not there any more")
    func places() throws {
        var marks: [EventMark] = []
        try directory.append(line("t-1") + line("t-2", bytes: 9_000), to: "event_log.000001.jsonl")
        try directory.append("\u{feff}" + line("t-3") + "no event\n" + line("t-4"))
        guard var cursor = try EventCursor.once(path: path, from: nil) else {
            Issue.record("there is a log")
            return
        }
        var step = LogCursor.Step.lines
        while step != .end {
            step = try cursor.next { event, place in
                marks.append(EventMark(event, at: place))
                return true
            }
        }
        let facts = LoggedFacts(inLogAt: path, RealFileSystem())
        #expect(try facts.events(at: marks.reversed()).map(\.id) == marks.reversed().map(\.id))
        try directory.rename(EventLogConfig.fileName, to: "event_log.000007.jsonl")
        #expect(try facts.events(at: marks).map(\.id) == marks.prefix(2).map(\.id) + marks.suffix(2).map(\.id))
        try directory.unlink("event_log.000001.jsonl")
        #expect(try facts.events(at: marks).map(\.id) == marks.suffix(2).map(\.id))
        try directory.write(line() + line() + line(), to: "event_log.000007.jsonl")
        #expect(try facts.events(at: marks).isEmpty)
    }

    @Test("says how far it is")
    func progress() throws {
        try begin()
        try directory.unlink(checkpoint)
        var told: [(read: Int64, all: Int64)] = []
        _ = try store.folded(Transcript.self, writing: false) { told.append(($0, $1)) }
        let size = try Int64(directory.bytes().count)
        #expect(told.last?.read == size)
        #expect(told.allSatisfy { $0.all == size && $0.read <= size })
        #expect(told.map(\.read) == told.map(\.read).sorted())
    }

    // MARK: - What doesn't fit

    @Test("begins at the beginning if any byte of its checkpoint is another one, or the last ones are missing")
    func damage() throws {
        try directory.append(line("t-1") + line("t-2") + line("t-1"))
        var store = store
        store.leastNews = 1
        _ = try store.folded(Transcript.self, writing: true)
        let right = try scratch().contents
        let bytes = try directory.bytes(checkpoint)
        for position in bytes.indices {
            var other = bytes
            if position % 2 == 0 {
                other[position] ^= 1 << UInt8(position / 2 % 8)
            } else {
                other.removeSubrange(position...)
            }
            try RealFileSystem().write(other, to: directory(checkpoint))
            let folded: Folded<Transcript> = try store.folded(writing: false)
            #expect(folded.contents == right, "byte \(position)")
            let part: Folded<Transcript> = try store.folded(of: ["t-2"], writing: false)
            #expect(part.parts["t-2"]?.text == right["t-2"], "byte \(position)")
        }
        // What is unusable is replaced, also if only a part is.
        var other = bytes
        other[bytes.count - 1] ^= 1
        try RealFileSystem().write(other, to: directory(checkpoint))
        _ = try store.folded(Transcript.self, writing: true)
        #expect(try directory.bytes(checkpoint) == bytes)
    }

    enum Change: CaseIterable {
        case cut, replaced, replacedByLonger, deleted, movedAway
        case oldestDeleted, oldestReplaced, oldestLonger, middleDeleted
    }

    @Test("begins at the beginning if the log isn't the one it was", arguments: Change.allCases)
    func changedLog(change: Change) throws {
        let active = EventLogConfig.fileName
        let (oldest, middle) = ("event_log.000001.jsonl", "event_log.000002.jsonl")
        try directory.append(line("t-4"), to: oldest)
        try directory.append(line("t-5"), to: middle)
        try begin()
        switch change {
        case .cut: try directory.truncate()
        case .replaced: try directory.write(line("t-3"), to: active)
        case .replacedByLonger: try directory.write((tasks + tasks).map(bulk).joined(), to: active)
        case .deleted: try directory.unlink()
        case .movedAway: try directory.rename(active, to: "elsewhere")
        case .oldestDeleted: try directory.unlink(oldest)
        case .oldestReplaced:
            try directory.append(line("t-3"), to: "other")
            try directory.rename("other", to: oldest)
        case .oldestLonger: try directory.append(line("t-3"), to: oldest)
        case .middleDeleted: try directory.unlink(middle)
        }
        try check()
        try directory.append(bulk("t-2"))
        try check()
        try directory.append(line("t-3"))
        try check()
    }

    @Test("leaves a checkpoint of a newer version alone, and uses none of an older one")
    func versions() throws {
        try begin()
        let older = try directory.bytes(checkpoint)
        #expect(try store.folded(NewerTranscript.self, writing: true).contents == scratch().contents)
        let newer = try directory.bytes(checkpoint)
        #expect(newer != older)
        #expect(ProjectionStore.newerVersion(of: NewerTranscript.self, in: data) == nil)
        try check()
        #expect(try directory.bytes(checkpoint) == newer)
        let found = try #require(ProjectionStore.newerVersion(of: Transcript.self, in: data))
        #expect(found.found == 4 && found.known == 3 && found.path == directory(checkpoint))
    }

    @Test("is another projection's if the file is")
    func otherProjection() throws {
        try begin()
        let head = Array(try directory.bytes(checkpoint).prefix(CheckpointHead.size))
        #expect(CheckpointHead.read(head, of: "other", version: 3) == .unusable)
        guard case .head = CheckpointHead.read(head, of: "transcript", version: 3) else {
            Issue.record("it is its own")
            return
        }
    }

    // MARK: - Writing

    @Test("writes nothing if it may not, and nothing that isn't worth it")
    func writesNothing() throws {
        try directory.append(line())
        try check(writing: true)
        #expect(!directory.exists("data"))
        try directory.append(bulk())
        try check(writing: false)
        #expect(!directory.exists("data"))
        try check()
        let bytes = try directory.bytes(checkpoint)
        try directory.append(line())
        try check()
        #expect(try directory.bytes(checkpoint) == bytes)
        try directory.append(bulk())
        _ = try store.folded(Transcript.self, of: ["t-1"], writing: false)
        #expect(try directory.bytes(checkpoint) == bytes)
        // Who asks for one part, and may write, leaves all of them.
        let part = try store.folded(Transcript.self, of: ["t-1"], writing: true)
        #expect(try part.parts["t-1"]?.text == scratch().contents["t-1"])
        #expect(try directory.bytes(checkpoint) != bytes)
        #expect(try store.folded(Transcript.self, readingAtMost: 0, writing: false)?.contents == scratch().contents)
    }

    @Test("does not wait for another process that writes")
    func lockIsTried() throws {
        try directory.append(bulk())
        guard let lock = try LockFile.take(data.projection("transcript").lock, until: 0, in: RealFileSystem()) else {
            Issue.record("the lock is free")
            return
        }
        try check()
        #expect(!directory.exists(checkpoint))
        _ = consume lock
        try check()
        #expect(directory.exists(checkpoint))
    }

    @Test("does not replace a checkpoint by one that reaches less far")
    func olderDoesNotReplace() throws {
        try directory.append(tasks.map(bulk).joined())
        // While the first one folds, the log grows, and another one folds all of it.
        var newer: [UInt8] = []
        _ = try store.folded(Transcript.self, writing: true) { _, _ in
            guard newer.isEmpty else { return }
            try directory.append(bulk("t-9"))
            try check()
            newer = try directory.bytes(checkpoint)
        }
        #expect(!newer.isEmpty)
        #expect(try directory.bytes(checkpoint) == newer)
        try check()
    }

    @Test("writes no checkpoint of a log that was replaced meanwhile")
    func replacedMeanwhile() throws {
        try directory.append(tasks.map(bulk).joined())
        var isFirst = true
        _ = try store.folded(Transcript.self, writing: true) { _, _ in
            guard isFirst else { return }
            isFirst = false
            try directory.rename(EventLogConfig.fileName, to: "elsewhere")
            try directory.append(line())
        }
        #expect(!directory.exists(checkpoint))
        try check()
    }

    @Test("needs no checkpoint: one that cannot be written changes nothing")
    func cannotWrite() throws {
        try directory.write("", to: "data")
        try directory.append(bulk())
        try check()
    }

    // MARK: - Up to a time

    @Test("counts events up to a time, also where clocks step back, and uses no checkpoint beyond it")
    func upTo() throws {
        let noon = Timestamp.now
        func moment(_ seconds: Int) -> Timestamp { noon + .seconds(seconds) }
        try directory.append(bulk("t-1"))
        let early = line("t-2", at: moment(-100))
        try directory.append(early + line("t-3", at: moment(1_000)) + line("t-2", at: moment(100)))
        try directory.append(line("t-4", at: moment(2_000)))
        func counts(_ time: Timestamp, writing: Bool = true) throws -> [String: Int] {
            let folded: Folded<Transcript> = try store.folded(upTo: time, writing: writing)
            #expect(try folded.contents == scratch(upTo: time).contents)
            return folded.contents.mapValues { $0.split(separator: "\n").count }
        }
        let expected = ["t-1": 30, "t-2": 2]
        #expect(try counts(moment(100)) == expected)
        #expect(!directory.exists("data"))
        try check()
        #expect(directory.exists(checkpoint))
        #expect(try counts(moment(100)) == expected)
        #expect(try counts(moment(-50)) == ["t-2": 1])
        #expect(try counts(moment(1_999)) == ["t-1": 30, "t-2": 2, "t-3": 1])
        #expect(try counts(moment(2_000)) == ["t-1": 30, "t-2": 2, "t-3": 1, "t-4": 1])
        // The checkpoint does for a time after all that it has.
        let none: Folded<Transcript>? = try store.folded(upTo: moment(2_000), readingAtMost: 0, writing: false)
        #expect(none != nil)
        #expect(try store.folded(Transcript.self, upTo: moment(1_999), readingAtMost: 0, writing: false) == nil)
    }

    @Test("knows nothing of what is missing after the time")
    func gapAfterTime() throws {
        let noon = Timestamp.now
        try directory.append(line("t-1", at: noon), to: "event_log.000001.jsonl")
        try directory.append(line("t-1", at: noon + .seconds(1)), to: "event_log.000003.jsonl")
        let early: Folded<Transcript> = try store.folded(upTo: noon, writing: false)
        #expect(early.parts[""] == nil)
        #expect(early.report.missingFiles == 0)
        let late: Folded<Transcript> = try store.folded(upTo: noon + .seconds(1), writing: false)
        #expect(late.parts[""] != nil)
        #expect(late.report.missingFiles == 1)
    }

    // MARK: - One part

    @Test("reads one part of thousands without the others, whatever they are called")
    func onePart() throws {
        let strange = ["", "a/../b", "\u{e9}\u{200b}", "e\u{301}\u{200b}", String(repeating: "n", count: 500), "a\nb"]
        let names = strange + (0..<5_000).map { "task-\($0)" }
        let text = String(repeating: "y", count: 2_000)
        var parts = ProjectionParts<Transcript.Part>()
        for name in names { parts[name, default: Transcript.Part()].text = name + text }
        try directory.append(bulk())
        try check()
        let end = try #require(try scratch().end)
        let past = try #require(try LogMeasure(ofLogAt: path, RealFileSystem()).past(of: end))
        let head = CheckpointHead(
            version: Transcript.version,
            name: Transcript.name,
            end: end,
            past: past,
            latest: .now,
            report: FoldReport()
        )
        try RealFileSystem().write(head.encoded(with: parts.encoded), to: directory(checkpoint))
        for name in names.prefix(8) {
            let files = CountingFileSystem()
            let data = DataDirectory(directory("data"), files: files)
            let folded: Folded<Transcript> = try #require(
                try ProjectionStore(ofLogAt: path, in: data).folded(of: [name], readingAtMost: 0, writing: false)
            )
            #expect(folded.parts[name]?.text == name + text)
            #expect(folded.parts.keys == [name])
            // One buffer of the log, the table, and the part; all of them are 10 MB.
            #expect(files.bytesRead < 400 << 10)
        }
        let all: Folded<Transcript> = try store.folded(writing: false)
        #expect(Set(all.parts.keys.map { Array($0.utf8) }) == Set(names.map { Array($0.utf8) }))
    }

    @Test("knows nothing of parts that were not asked for")
    func onlyWanted() throws {
        try directory.append(line("t-1") + line("t-2") + line("t-1"))
        let folded: Folded<Transcript> = try store.folded(of: ["t-1", "t-7"], writing: false)
        #expect(folded.contents == ["t-1": try #require(try scratch().contents["t-1"])])
        #expect(folded.parts["t-2"] == nil)
    }

    @Test("tells keys apart that share a hash")
    func sharedHash() {
        var parts = StoredParts()
        for key in ["a", "b", "c"] { parts.add(PartKey(text: key)) { $0 += key.utf8 } }
        parts.sort()
        let shared = StoredParts(
            rows: parts.rows.map {
                StoredParts.Row(hash: PartKey(text: "b").stableHash, record: $0.record, checksum: $0.checksum)
            },
            bytes: parts.bytes
        )
        #expect(
            shared.bytes(of: PartKey(text: "b")).flatMap { shared.part(in: $0) } == Transcript.Part?.some(.init("b"))
        )
        #expect(shared.bytes(of: PartKey(text: "x")) == nil)
    }
}

extension Transcript.Part {
    fileprivate init(_ text: String) {
        self.init()
        self.text = text
    }
}
