import Foundation
import TestSupport
import Testing

@testable import NeuraphageEvents

@Suite("A log on a disk that fails", .apart)
struct EventLogFailureTests {
    private let directory: TemporaryDirectory
    private let recorder = RecordingLogger()
    private let events = (0..<5).map { Event(.taskCompleted, from: "a", payload: ["n": .integer($0)]) }

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func log(_ fileSystem: FaultyFileSystem) throws -> EventLog {
        try EventLog(in: directory, logger: recorder.logger, fileSystem: fileSystem)
    }

    /// The length of the first `count` lines.
    private func bytes(of count: Int) -> Int {
        events[..<count].reduce(0) { $0 + $1.description.utf8.count + 1 }
    }

    @Test("that is full writes nothing and says so; when there is room again it goes on")
    func full() throws {
        let fileSystem = FaultyFileSystem(writes: [.failure(ENOSPC)])
        let log = try log(fileSystem)
        let error = try #require(throws: EventLogError.self) { try log.append(events[0]) }
        #expect(error.code == .writeFailed)
        #expect(error.errorNumber == ENOSPC)
        #expect(error.description == "cannot write to \(log.config.path): No space left on device")
        #expect(try directory.bytes().isEmpty)
        try log.append(events[1])
        #expect(try directory.events() == [events[1]])
    }

    @Test("in the middle of a line is cut back to the last whole line")
    func halfLine() throws {
        let fileSystem = FaultyFileSystem()
        let log = try log(fileSystem)
        try log.append(events[0])
        fileSystem.add(.short(20), .failure(ENOSPC))
        #expect(throws: EventLogError.self) { try log.append(events[1]) }
        #expect(try directory.events() == [events[0]])
        try log.append(events[2])
        #expect(try directory.events() == [events[0], events[2]])
        #expect(fileSystem.truncations == 1)
    }

    @Test("in the middle of a batch keeps the whole lines before it and counts them", arguments: 0...4, [0, 1, 50])
    func batch(whole: Int, more: Int) throws {
        let count = bytes(of: whole) + more
        let fileSystem = FaultyFileSystem(writes: (count == 0 ? [] : [.short(count)]) + [.failure(EDQUOT)])
        let log = try log(fileSystem)
        let (written, error) = log.append(contentsOf: events)
        #expect(written == whole)
        #expect(error?.errorNumber == EDQUOT)
        #expect(try directory.events() == Array(events[..<whole]))
        #expect(fileSystem.isExhausted)
    }

    @Test("that takes the lines in pieces gets them all")
    func shortWrites() throws {
        let fileSystem = FaultyFileSystem(writes: [.short(1), .short(30), .failure(EINTR), .short(200)])
        let log = try log(fileSystem)
        #expect(log.append(contentsOf: events).written == 5)
        #expect(try directory.events() == events)
        #expect(fileSystem.isExhausted)
        #expect(fileSystem.truncations == 0)
    }

    @Test("that is interrupted by signals is asked again")
    func interrupted() throws {
        let fileSystem = FaultyFileSystem(
            writes: [.failure(EINTR), .failure(EINTR)],
            locks: [EINTR, EINTR],
            synchronizations: [EINTR]
        )
        let log = try log(fileSystem)
        try log.append(events[0])
        try log.flush()
        #expect(try directory.events() == [events[0]])
        #expect(fileSystem.isExhausted)
        #expect(recorder.warnings.isEmpty)
    }

    @Test("that takes nothing and gives no reason isn't asked for ever")
    func nothingWritten() throws {
        let log = try log(FaultyFileSystem(writes: [.short(0)]))
        let error = try #require(throws: EventLogError.self) { try log.append(events[0]) }
        #expect(error.errorNumber == EIO)
    }

    @Test("isn't cut back when somebody else has written behind the half line, which then stays a line of its own")
    func sizeChanged() throws {
        let fileSystem = FaultyFileSystem()
        let log = try log(fileSystem)
        try log.append(events[0])
        fileSystem.add(.short(20), .failureAfter(ENOSPC) { [directory] in try? directory.append("theirs") })
        #expect(throws: EventLogError.self) { try log.append(events[1]) }
        let half = events[1].description.prefix(20)
        #expect(try directory.text() == "\(events[0])\n\(half)theirs")
        #expect(fileSystem.truncations == 0)
        try log.append(events[2])
        #expect(try directory.text() == "\(events[0])\n\(half)theirs\n\(events[2])\n")
    }

    @Test("leaves a fragment that stood there before as it was", arguments: [1, 20, .max])
    func fragmentBefore(count: Int) throws {
        try directory.append("fragment")
        let allButTheNewline = 1 + events[0].description.utf8.count
        let log = try log(FaultyFileSystem(writes: [.short(min(count, allButTheNewline)), .failure(ENOSPC)]))
        #expect(throws: EventLogError.self) { try log.append(events[0]) }
        #expect(try directory.text() == "fragment")
        try log.append(events[1])
        #expect(try directory.text() == "fragment\n\(events[1])\n")
    }

    @Test("warns once when it begins to fail and tells once that it works again")
    func oneWarningPerChange() throws {
        let fileSystem = FaultyFileSystem()
        let log = try EventLog(hastyIn: directory, logger: recorder.logger, fileSystem: fileSystem)
        let path = log.config.path
        for round in 1...2 {
            fileSystem.isDiskFull = true
            for event in events { #expect(throws: EventLogError.self) { try log.append(event) } }
            #expect(
                recorder.warnings
                    == Array(
                        repeating: "Failed to log event: cannot write to \(path): No space left on device",
                        count: round
                    )
            )
            fileSystem.isDiskFull = false
            for event in events { try log.append(event) }
            #expect(recorder.notices == Array(repeating: "Logging events again to \(path)", count: round))
        }
        #expect(try directory.events() == events + events)
    }

    @Test("and then is without its file opens it again when it can")
    func reopening() throws {
        let fileSystem = FaultyFileSystem()
        let log = try log(fileSystem)
        try log.append(events[0])
        try directory.unlink()
        fileSystem.openError = EMFILE
        let error = try #require(throws: EventLogError.self) { try log.append(events[1]) }
        #expect(error.errorNumber == EMFILE)
        fileSystem.openError = nil
        try log.append(events[2])
        #expect(try directory.events() == [events[2]])
        // What is in the file of before is synchronized first, for a flush that may come.
        try wait(for: "the file of before to be closed") { fileSystem.openDescriptors == 1 }
    }

    @Test("and cannot lock or synchronize says so")
    func lockAndSynchronize() throws {
        let log = try log(FaultyFileSystem(locks: [ENOLCK], synchronizations: [EIO]))
        let path = log.config.path
        let lockError = try #require(throws: EventLogError.self) { try log.append(events[0]) }
        #expect(lockError.description.hasPrefix("cannot lock \(path): "))
        try log.append(events[1])
        // After the flush the log's thread ends the segment, in its own time.
        #expect(try directory.events() == [events[1]])
        let syncError = try #require(throws: EventLogError.self) { try log.flush() }
        #expect(syncError.description == "cannot synchronize \(path): \(SystemError(code: EIO))")
        #expect(syncError.code == .writeFailed)
    }
}
