// `np emit -`: events from standard input.
//
// Whatever has arrived is appended as one batch, and the ids are printed when the batch is in the file: a producer that
// writes line by line is acknowledged line by line, and one that writes in bulk is fast.

import NeuraphageConfiguration
import NeuraphageEvents
import NeuraphagePlatform
import NeuraphagePresentation
import NeuraphageRequests
import NeuraphageSystem

struct EmitStream {
    let configuration: Configuration
    let global: GlobalOptions

    func run() throws {
        let log = try configuration.openLog(global.logger)
        var batch = Batch(log: log, directory: configuration.dataDirectory, delivery: EphemeralDelivery(configuration))
        var lines = StandardInputLines(configuration.dataDirectory.files)
        while let arrived = try lines.next() {
            for line in arrived { batch.add(line) }
            batch.append()
        }
        log.close()
        if !batch.isAllTold { BackgroundCommand.startSettling(global) }
        if batch.refused > 0 {
            let noun = batch.refused == 1 ? "line was" : "lines were"
            throw OperationError(
                .failed,
                "\(batch.refused) \(noun) not logged, as said above; all others are in \(log.config.path)"
            )
        }
    }
}

/// Events that go into the log together.
private struct Batch {
    private let log: EventLog
    private let directory: DataDirectory
    private let delivery: EphemeralDelivery
    private(set) var refused = 0
    /// Whether the log has been told which messages reached no task.
    private(set) var isAllTold = true
    private var lineNumber = 0
    private var durable: [(line: Int, event: Event)] = []
    private var ephemeral: [(line: Int, event: Event)] = []
    private var isOutputOpen = true

    init(log: EventLog, directory: DataDirectory, delivery: EphemeralDelivery) {
        self.log = log
        self.directory = directory
        self.delivery = delivery
    }

    /// Adds a line; `nil` is one that is too long.
    mutating func add(_ line: [UInt8]?) {
        lineNumber += 1
        guard let line else { return refuse(lineNumber, InputLimits.lineTooLong) }
        if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0d }) { return }
        do throws(OperationError) {
            let event = try Event(submitted: line.span)
            if log.config.isDurable(event.kind) {
                durable.append((lineNumber, event))
            } else {
                ephemeral.append((lineNumber, event))
            }
        } catch {
            refuse(lineNumber, error.description)
        }
    }

    /// Appends the durable events, and hands the others to the daemon.
    mutating func append() {
        appendDurable()
        deliverEphemeral()
    }

    private mutating func appendDurable() {
        guard !durable.isEmpty else { return }
        defer { durable.removeAll(keepingCapacity: true) }
        let (written, error) = log.append(contentsOf: durable.map(\.event))
        let logged = durable.prefix(written).map(\.event)
        acknowledge(logged)
        if !log.forgetEnded(logged, in: directory) { isAllTold = false }
        guard let error else { return }
        for (line, _) in durable.dropFirst(written) { refuse(line, error.description) }
    }

    private mutating func deliverEphemeral() {
        guard !ephemeral.isEmpty else { return }
        defer { ephemeral.removeAll(keepingCapacity: true) }
        do {
            let problems = try delivery.deliver(ephemeral.map(\.event))
            for ((line, event), problem) in zip(ephemeral, problems) {
                if let problem { refuse(line, problem) } else { acknowledge([event]) }
            }
        } catch is DaemonConnection.NoDaemon {
            for (line, event) in ephemeral { refuse(line, EphemeralDelivery.noDaemon(event.kind)) }
        } catch {
            for (line, _) in ephemeral { refuse(line, "\(error)") }
        }
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
