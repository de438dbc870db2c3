import Foundation
import TestSupport
import Testing

@testable import NeuraphageEvents

@Suite("The files of a log", .apart)
struct LogSegmentsTests {
    @Test(
        "stand beside the active one, with a number of at least six digits before the extension",
        arguments: [
            ("/d/event_log.jsonl", 1, "/d/event_log.000001.jsonl"),
            ("/d/event_log.jsonl", 1_234_567, "/d/event_log.1234567.jsonl"),
            ("/d.x/log", 12, "/d.x/log.000012"),
            ("/d/.log", 3, "/d/.log.000003"),
            ("log.jsonl", 3, "log.000003.jsonl"),
            ("/log.jsonl", 3, "/log.000003.jsonl"),
        ]
    )
    func paths(active: String, number: Int, path: String) {
        #expect(LogSegments(activePath: active).path(ofEnded: number) == path)
    }

    @Test("are found in the order of their numbers, whatever else stands there")
    func order() throws {
        let directory = try TemporaryDirectory()
        let names = [
            "event_log.000010.jsonl", "event_log.000002.jsonl", "event_log.jsonl", "event_log.1000000.jsonl",
            "event_log.3.jsonl", "event_log.0000004.jsonl", "event_log.00000x.jsonl", "event_log.000000.jsonl",
            "other.000001.jsonl", "event_log.000005.jsonl.gz", "event_log.000006",
            "event_log.9223372036854775807.jsonl", "event_log.1000000000.jsonl", "event_log.99999999999999999999.jsonl",
        ]
        for name in names { try directory.write("", to: name) }
        let files = LogSegments(activePath: directory["event_log.jsonl"])
        #expect(try files.ended(in: RealFileSystem()).map(\.number) == [2, 10, 1_000_000])
        #expect(try files.ended(in: RealFileSystem()).first?.path == directory["event_log.000002.jsonl"])
    }

    @Test("are none where there is no directory")
    func noDirectory() throws {
        let directory = try TemporaryDirectory()
        #expect(try LogSegments(activePath: directory["no/such/log.jsonl"]).ended(in: RealFileSystem()) == [])
    }

    @Test("can be given a name only if nothing has it")
    func renaming() throws {
        let directory = try TemporaryDirectory()
        let (a, b, c) = (directory["a"], directory["b"], directory["c"])
        try directory.write("a", to: "a")
        try directory.write("b", to: "b")
        let fileSystem = RealFileSystem()
        #expect(throws: SystemError(code: EEXIST)) { try fileSystem.rename(a, withoutReplacing: b) }
        try fileSystem.rename(a, withoutReplacing: c)
        #expect(try Set(fileSystem.names(in: directory.path)) == ["b", "c"])
        #expect(try fileSystem.contents(of: c, atMost: 10) == "a")
    }
}
