import NIOCore
import NeuraphageEvents
import TestSupport
import Testing

@testable import NeuraphageDaemon

@Suite("A log read in pieces", .apart)
struct LogPieceTests {
    private let directory: TemporaryDirectory
    private var path: String { directory[EventLogConfig.fileName] }

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func write(_ numbers: Range<Int>, to name: String = EventLogConfig.fileName) throws {
        for number in numbers {
            let payload: Payload = ["text": .string(String(repeating: "x", count: 500))]
            let event = Event(id: EventID("e-\(number)"), .taskStarted, payload: payload, timestamp: .earliest)
            try directory.append("\(event)\n", to: name)
        }
    }

    @Test("Goes on from piece to piece and from file to file, without gap or repeat", arguments: [0, 150, 299])
    func severalFiles(after: Int) throws {
        try write(0..<100, to: "event_log.000001.jsonl")
        try write(100..<200, to: "event_log.000002.jsonl")
        let resumption = Event(
            id: "resumed",
            .custom("LogResumed"),
            payload: ["previous": "event_log.000002.jsonl", "from": "e-190", "repeated": 10],
            timestamp: .earliest
        )
        try directory.append("\(resumption)\n")
        try write(190..<300)
        var piece = try #require(
            try LogPiece(path: path, RealFileSystem(), filter: EventFilter(), after: EventID("e-\(after)"))
        )
        var frames = String(buffer: piece.frames)
        while !piece.isLast {
            piece = try LogPiece(path: path, RealFileSystem(), filter: EventFilter(), from: piece.position)
            frames += String(buffer: piece.frames)
        }
        let ids = frames.split(separator: "\n").filter { $0.hasPrefix("id: e-") }.map { String($0) }
        #expect(ids == (after + 1..<300).map { "id: e-\($0)" })
        #expect(try piece.position == EventScan([.log(path)]).run { _, _ in true }.end)
    }

    @Test("Ends where it has read to, also if nothing there passed the filter")
    func position() throws {
        try write(0..<1, to: "event_log.000001.jsonl")
        try write(1..<2)
        let piece = try LogPiece(path: path, RealFileSystem(), filter: EventFilter(tasks: ["none"]), from: nil)
        #expect(piece.frames.readableBytes == 0)
        #expect(try piece.position == EventScan([.log(path)]).run { _, _ in true }.end)
    }
}
