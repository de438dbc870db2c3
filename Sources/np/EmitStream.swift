// `np emit -`: events from standard input.
//
// Whatever has arrived is appended as one batch, and the ids are printed when the batch is in the file: a producer that
// writes line by line is acknowledged line by line, and one that writes in bulk is fast.

import Logging
import NeuraphageEvents

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

struct EmitStream {
    let config: EventLogConfig
    let logger: Logger

    func run() throws {
        let log = try EventLog(opening: config, logger: logger)
        var batch = Batch(log: log)
        var lines = StandardInputLines()
        while let arrived = try lines.next() {
            for line in arrived { batch.add(line) }
            batch.append()
        }
        if batch.refused > 0 {
            let noun = batch.refused == 1 ? "line was" : "lines were"
            throw Failure("\(batch.refused) \(noun) not logged; see above. All others are in \(config.path)")
        }
    }
}

/// Events that go into the log together.
private struct Batch {
    let log: EventLog
    private(set) var refused = 0
    private var lineNumber = 0
    private var events: [(line: Int, event: Event)] = []
    private var isOutputOpen = true

    init(log: EventLog) {
        self.log = log
    }

    mutating func add(_ line: StandardInputLines.Line) {
        lineNumber += 1
        switch line {
        case .tooLong: refuse(lineNumber, "the line is longer than \(StandardInputLines.longestLine >> 20) MiB")
        case .text(let bytes):
            if bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0d }) { return }
            do {
                events.append((lineNumber, try Event(submitted: bytes.span, durableUnder: log.config)))
            } catch {
                refuse(lineNumber, "\(error)")
            }
        }
    }

    mutating func append() {
        guard !events.isEmpty else { return }
        defer { events.removeAll(keepingCapacity: true) }
        let (written, error) = log.append(contentsOf: events.map(\.event))
        acknowledge(events.prefix(written).map(\.event))
        guard let error else { return }
        for (line, _) in events.dropFirst(written) { refuse(line, error.description) }
    }

    private mutating func refuse(_ line: Int, _ reason: String) {
        refused += 1
        complain("line \(line): \(reason)")
    }

    /// Prints the ids. If nobody reads them any more, events are logged all the same.
    private mutating func acknowledge(_ events: [Event]) {
        guard isOutputOpen else { return }
        var output = OutputStream()
        for event in events { output.bytes.append(contentsOf: (event.id.description + "\n").utf8) }
        do {
            try output.flush()
        } catch {
            isOutputOpen = false
        }
    }
}

extension Event {
    /// An event as another program submits it: id and time are filled in if they are missing, and everything must be
    /// as this program itself would make it.
    fileprivate init(submitted line: Span<UInt8>, durableUnder config: EventLogConfig) throws {
        let parts = try EventLine(line)
        guard let kind = parts.kind else { throw Failure("\"kind\" is missing") }
        if case .unknown(let name) = kind { _ = try KindPattern.kind(named: name) }
        if case .custom(let name) = kind { _ = try CustomName(name.description) }
        guard config.isDurable(kind) else { throw Failure(kind.reasonNotToLog) }
        let (id, now) = EventIDGenerator.shared.mint()
        self.init(
            id: parts.eventID(line) ?? id,
            kind,
            from: try parts.sourceTask(line).map { try TaskID($0.description) },
            to: try parts.targetTask(line).map { try TaskID($0.description) },
            payload: parts.eventPayload(line),
            timestamp: parts.timestamp ?? now
        )
    }
}
