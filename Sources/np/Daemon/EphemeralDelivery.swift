// Ephemeral events go to whoever is there to see them, through the daemon. Nobody would ever learn of one otherwise, so
// without a daemon that is an error.

import NeuraphageConfiguration
import NeuraphageEvents
import NeuraphagePresentation

/// Hands events that are not logged to the daemon's live subscribers.
struct EphemeralDelivery {
    private let socketPath: String

    init(_ configuration: Configuration) {
        socketPath = configuration.socketPath
    }

    /// Hands the events over.
    ///
    /// - Parameter patience: How long each step may take, in ms.
    /// - Returns: For each event, why it was not delivered, or `nil` if it was.
    func deliver(_ events: [Event], patience: Int = DaemonConnection.patience) throws -> [String?] {
        let lines = events.map { $0.description + "\n" }.joined()
        let headers = [("Content-Type", "application/x-ndjson")]
        var answer = try DaemonConnection(
            socketPath: socketPath,
            "POST",
            "/v1/events",
            headers: headers,
            body: lines,
            patience: patience
        )
        let status = answer.status
        let results = try answer.body().split(separator: "\n").map { try Payload(json: String($0)) }
        guard status == 200 else {
            throw OperationError(
                .failed,
                "the daemon refused the events: \(results.first?["error"]?.text ?? "status \(status)")"
            )
        }
        guard results.count == events.count else {
            throw OperationError(.failed, "the daemon took only \(results.count) of \(events.count) events")
        }
        return results.map { $0["error"]?.text }
    }

    /// What to say of an ephemeral event when there is no daemon.
    static func noDaemon(_ kind: EventKind) -> String {
        "\(kind.reasonNotToLog), and no daemon runs that could pass it on; start one with: np daemon start"
    }
}
