import TestSupport
import Testing

@testable import NeuraphageEvents

/// Each test is a table: what happens, and what the writer decides.
@Suite("The writer decides", .apart)
struct LogWriterStateTests {
    private static let failure = EventLogError(.writeFailed, path: "/log", because: "no")

    @Test("that the first caller writes at once, and those that come meanwhile wait; the first of them is called")
    func headWrites() {
        let writer = WriterHarness()
        let log = writer.segment("log")
        #expect(writer.submit(.publishing, "A") == "write 1")
        #expect(writer.submit(.publishing, "B") == "wait")
        #expect(writer.submit(.appending, "C") == "wait")
        #expect(writer.land("A", log) == "written")
        #expect(writer.takeActions() == ["call B"])
        #expect(writer.come("B") == "write 2")
        #expect(writer.land("B", log) == "written")
        #expect(writer.takeActions() == ["C written"])
    }

    @Test("that a caller which comes before the called one has woken up writes for both")
    func overtaking() {
        let writer = WriterHarness()
        let log = writer.segment("log")
        writer.submit(.publishing, "A")
        writer.submit(.publishing, "B")
        #expect(writer.land("A", log) == "written")
        #expect(writer.submit(.publishing, "C") == "write 2")
        #expect(writer.come("B") == "wait")
        #expect(writer.land("C", log) == "written")
        #expect(writer.takeActions() == ["call B", "B written"])
    }

    @Test("that a flight without lines never happens, and a flush knows the open file all the same")
    func emptyFlight() {
        let writer = WriterHarness(.os)
        let log = writer.segment("log")
        writer.opened(log)
        #expect(writer.submit(.draining, "flush") == "settled")
        #expect(writer.submit(.publishing, "A") == "write 1")
        #expect(writer.submitTask("T") == "nothing")
        #expect(writer.submit(.publishing, "B") == "wait")
        #expect(writer.land("A", log) == "written")
        // B takes along the line of the task, and the thread that comes for it too late finds nothing to write.
        #expect(writer.come("B") == "write 2")
        #expect(writer.land("B", log) == "written")
        #expect(writer.job() == "synchronize log")
        writer.synchronized("thread")
        #expect(writer.job() == "sleep")
        #expect(writer.submit(.draining, "flush") == "settled")
        #expect(writer.flushed() == "synchronize log")
    }

    @Test("that a task's lines are written by the log's own thread, never by the task's")
    func taskOnThread() {
        let writer = WriterHarness(.always)
        let log = writer.segment("log")
        #expect(writer.submitTask("T") == "nothing")
        #expect(writer.takeActions() == ["start thread"])
        #expect(writer.job() == "write 1")
        #expect(writer.submitTask("U") == "nothing")
        #expect(writer.land("thread", log) == "nothing")
        #expect(writer.job() == "synchronize log")
        writer.synchronized("thread")
        #expect(writer.takeActions() == ["T goes on"])
        #expect(writer.job() == "write 1")
    }

    @Test("that a publisher whose time is over costs no appender its own")
    func ownWaitLimits() {
        let writer = WriterHarness()
        let log = writer.segment("log")
        #expect(writer.submit(.publishing, "A", patience: 100) == "write 1")
        #expect(writer.submit(.appending, "B", patience: 2_000) == "wait")
        #expect(writer.submit(.publishing, "C", patience: 100) == "wait")
        // The file was locked by another process all the time.
        let landed = writer.land("A", log, after: 100) {
            $0.written = 0
            $0.error = .lockedByAnother("/log")
        }
        #expect(landed == "buffered: writeFailed")
        #expect(writer.takeActions() == ["warn", "C buffered: writeFailed", "call B", "start thread"])
        #expect(writer.come("B") == "write 3")
        #expect(writer.flight("B")?.patience == 1_900_000_000)
        #expect(writer.land("B", log, after: 200) == "written")
    }

    @Test("that an appender behind a publisher with the same limit gets its own answer when that is over")
    func lateAppender() {
        let writer = WriterHarness()
        let log = writer.segment("log")
        writer.submit(.publishing, "A", patience: 100)
        writer.submit(.appending, "B", patience: 150)
        _ = writer.land("A", log, after: 100) {
            $0.written = 0
            $0.error = .lockedByAnother("/log")
        }
        #expect(writer.come("B") == "write 2")
        let landed = writer.land("B", log, after: 50) {
            $0.written = 0
            $0.error = .lockedByAnother("/log")
        }
        #expect(landed == "settled: writeFailed")
        #expect(writer.state.status.buffered == 1)
    }

    @Test("that a hanging writer holds no publisher longer than 100 ms, and itself learns what came of its lines")
    func hangingWriter() {
        let writer = WriterHarness()
        let log = writer.segment("log")
        writer.submit(.publishing, "A")
        writer.submit(.publishing, "B")
        writer.submit(.appending, "C", patience: 2_000)
        writer.now += 100
        #expect(writer.timeIsOver(.publishing, "B") == "wait")
        #expect(writer.takeActions() == ["warn", "B buffered: writeFailed"])
        #expect(writer.submit(.publishing, "D") == "buffered: writeFailed")
        writer.now += 1_900
        #expect(writer.timeIsOver(.appending, "C") == "settled: writeFailed")
        #expect(writer.land("A", log, after: 5_000) == "written")
        #expect(writer.takeActions() == ["start thread"])
        writer.now += 5
        #expect(writer.job() == "write 2")
        #expect(writer.land("thread", log) == "nothing")
        writer.now += 1_000
        #expect(writer.job() == "sleep")
        #expect(writer.takeActions() == ["note"])
        #expect(writer.state.status == EventLogStatus(trouble: nil, written: 3, buffered: 0, lost: 0))
    }

    @Test("that a disk that never synchronizes gets one warning, and rehearsals instead of copies")
    func failingSynchronization() {
        let writer = WriterHarness(.interval(.milliseconds(10)))
        let log = writer.segment("log")
        writer.submit(.publishing, "A")
        #expect(writer.land("A", log) == "written")
        #expect(writer.job() == "sleep 10")
        writer.now += 10
        #expect(writer.job() == "synchronize log")
        writer.synchronized("thread", Self.failure)
        #expect(writer.takeActions() == ["start thread", "warn"])
        #expect(writer.job() == "sleep 500")
        for pause in [500, 1_000, 1_000, 1_000] as [UInt64] {
            writer.now += pause
            #expect(writer.job() == "write 0")
            #expect(writer.flight("thread")?.rehearses == true)
            #expect(writer.flight("thread")?.seam?.hasEnded == false)
            let landed = writer.land("thread", log) {
                $0.error = Self.failure
                $0.failure = .synchronization
                $0.seam = PendingSeam()
            }
            #expect(landed == "nothing")
            #expect(writer.job() == "sleep 1000")
        }
        #expect(writer.takeActions().isEmpty)
        // The disk works again: the next segment repeats the line, and only then the trouble ends.
        writer.now += 1_000
        #expect(writer.job() == "write 0")
        #expect(writer.flight("thread")?.synchronizes == true)
        #expect(writer.flight("thread")?.keptLines.isEmpty == false)
        let next = writer.segment("next")
        #expect(writer.land("thread", next) == "nothing")
        #expect(writer.takeActions() == ["release log"])
        writer.now += 1_000
        #expect(writer.job() == "sleep")
        #expect(writer.takeActions() == ["note"])
    }

    @Test("that a task learns of a synchronization that has failed, and one that wrote to the same file meanwhile, too")
    func failedTasks() {
        let writer = WriterHarness(.os)
        let log = writer.segment("log")
        writer.submitTask("T")
        _ = writer.job()
        _ = writer.land("thread", log)
        #expect(writer.job() == "synchronize log")
        writer.submitTask("U")
        #expect(writer.submit(.publishing, "A") == "write 2")
        #expect(writer.land("A", log) == "written")
        _ = writer.takeActions()
        writer.synchronized("thread", Self.failure)
        #expect(writer.takeActions() == ["T fails: writeFailed", "U fails: writeFailed"])
        #expect(writer.state.status.trouble == nil)
    }

    @Test("that every caller has an answer when the log is closed, except the one that writes at that moment")
    func closing() {
        let writer = WriterHarness()
        let log = writer.segment("log")
        writer.opened(log)
        writer.submit(.publishing, "A")
        writer.submit(.publishing, "B")
        writer.submit(.appending, "C")
        writer.submitTask("T")
        _ = writer.takeActions()
        writer.close()
        #expect(
            writer.takeActions() == [
                "warn", "B buffered: closed", "T fails: closed", "C settled: closed", "warn", "release log",
            ]
        )
        #expect(writer.submit(.publishing, "D") == "settled: closed")
        #expect(writer.land("A", log) == "written")
        #expect(writer.takeActions() == ["release log", "close file"])
        #expect(writer.state.status.lost == 2)
    }

    @Test("that a task whose lines are being written when the log is closed has an answer, and no file stays open")
    func closingInFlight() {
        let writer = WriterHarness(.always)
        let log = writer.segment("log")
        writer.submitTask("T")
        #expect(writer.job() == "write 1")
        writer.close()
        _ = writer.takeActions()
        #expect(writer.land("thread", log) == "nothing")
        #expect(writer.takeActions() == ["T fails: closed", "release log", "close file"])
        #expect(writer.job() == "end")
    }

    @Test("that a drain waits for all that came before it, tries once at once, and then as often as the trouble wants")
    func draining() {
        let writer = WriterHarness()
        let log = writer.segment("log")
        writer.submit(.publishing, "A")
        _ = writer.land("A", log) {
            $0.written = 0
            $0.error = Self.failure
        }
        _ = writer.takeActions()
        #expect(writer.submit(.draining, "flush", patience: 2_000) == "write 1")
        let landed = writer.land("flush", log) {
            $0.written = 0
            $0.error = Self.failure
        }
        #expect(landed == "wait")
        #expect(writer.takeActions().isEmpty)
        #expect(writer.job() == "sleep 250")
        writer.now += 250
        #expect(writer.job() == "write 1")
        #expect(writer.land("thread", log) == "nothing")
        #expect(writer.takeActions() == ["flush settled"])
    }

    /// A log in trouble, with more in its buffer than fits into a flight, and an appender that begins to write.
    private func withFullBuffer() throws -> (writer: WriterHarness, log: OpenSegment, first: Int) {
        let writer = WriterHarness()
        let log = writer.segment("log")
        writer.submit(.publishing, "A")
        _ = writer.land("A", log) {
            $0.written = 0
            $0.error = Self.failure
        }
        for _ in 0..<9_000 { writer.submit(.publishing, "B") }
        #expect(writer.state.status.buffered == 9_001)
        writer.submit(.appending, "C", patience: 2_000)
        let first = try #require(writer.flight("C")?.count)
        #expect(first < 9_000)
        return (writer, log, first)
    }

    @Test("that an appender writes what was handed in before its lines, in as many flights as that takes")
    func severalFlights() throws {
        let (writer, log, first) = try withFullBuffer()
        #expect(writer.land("C", log) == "write \(9_002 - first)")
        #expect(writer.land("C", log) == "written")
        #expect(writer.state.status.written == 9_002)
    }

    @Test("that an appender whose first flight fails has its answer, and does not leave its lines")
    func failedFirstFlight() throws {
        let (writer, log, _) = try withFullBuffer()
        let landed = writer.land("C", log) {
            $0.written = 0
            $0.error = Self.failure
        }
        #expect(landed == "settled: writeFailed")
        #expect(writer.state.status.buffered == 9_001)
    }

    @Test("that a task fails if the system has no thread for it, and its line is written by the next caller")
    func noThread() {
        let writer = WriterHarness()
        let log = writer.segment("log")
        writer.submitTask("T")
        #expect(writer.takeActions() == ["start thread"])
        writer.lacksThread(Self.failure)
        #expect(writer.takeActions() == ["warn", "T fails: writeFailed"])
        #expect(writer.submit(.appending, "A") == "write 2")
        #expect(writer.land("A", log) == "written")
    }
}
