import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageRequests

/// Lines that arrived together, and what is said of each.
struct Submission {
    /// What a line holds.
    enum Entry {
        case event(Event)
        case refused(String)
        case blank

        init(_ line: [UInt8]) {
            if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0d || $0 == 0x0a }) {
                self = .blank
                return
            }
            do throws(OperationError) {
                self = .event(try Event(submitted: line.span))
            } catch {
                self = .refused(error.description)
            }
        }
    }

    private enum Result {
        /// The event at this index.
        case event(Int)
        case refused(line: Int, reason: String)
    }

    private var lineNumber = 0
    private var events: [Event] = []
    private var results: [Result] = []

    /// Takes the next line; `nil` is one that was too long. Blank lines are counted and have no result.
    mutating func add(_ line: [UInt8]?) {
        lineNumber += 1
        guard let line else {
            results.append(.refused(line: lineNumber, reason: InputLimits.lineTooLong))
            return
        }
        switch Entry(line) {
        case .blank: break
        case .refused(let reason): results.append(.refused(line: lineNumber, reason: reason))
        case .event(let event):
            results.append(.event(events.count))
            events.append(event)
        }
    }

    /// Says why the next line, which has not come whole, is not taken.
    mutating func refuse(_ reason: String) {
        results.append(.refused(line: lineNumber + 1, reason: reason))
    }

    /// Publishes the events so far as one batch.
    ///
    /// - Returns: The result lines.
    mutating func publish(with publisher: Publisher) async throws -> [UInt8] {
        let receipts = try await publisher.publish(events)
        var lines: [UInt8] = []
        for result in results {
            switch result {
            case .event(let index): Self.encode(events[index], receipts[index], into: &lines)
            case .refused(let line, let reason):
                let problem = Payload(.object([("line", .integer(line)), ("error", .string(reason))]))
                lines.append(contentsOf: (problem.json + "\n").utf8)
            }
        }
        events.removeAll(keepingCapacity: true)
        results.removeAll(keepingCapacity: true)
        return lines
    }

    /// The result line of an event.
    static func encode(_ event: Event, _ receipt: EventReceipt, into line: inout [UInt8]) {
        line.append(contentsOf: #"{"id":"#.utf8)
        JSONText.encode(event.id.description, into: &line)
        line.append(contentsOf: #","result":""#.utf8)
        line.append(contentsOf: (receipt == .notLogged ? "not_logged" : receipt.description).utf8)
        line.append(contentsOf: "\"}\n".utf8)
    }
}
