import Logging
import NeuraphageEvents
import TestSupport

@testable import NeuraphageDaemon

/// A daemon in the test's own process, so that it can be made impatient or narrow.
final class LocalDaemon: DaemonClient {
    let directory: String
    let socket: String
    private let running: Task<Void, any Error>

    /// Starts a daemon with limits of its own and waits until it serves.
    init(in parent: TemporaryDirectory, _ change: (inout API.Limits) -> Void) async throws {
        directory = parent("d")
        socket = directory + "/neuraphage.sock"
        var limits = API.Limits()
        change(&limits)
        let daemon = Daemon(
            config: DaemonConfig(dataDirectory: directory),
            limits: limits,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        let (serving, isServing) = AsyncStream<Void>.makeStream()
        running = Task {
            defer { isServing.finish() }
            try await daemon.run { isServing.yield() }
        }
        for await _ in serving { return }
        try await running.value
    }

    /// Ends it in order.
    func end() async throws {
        running.cancel()
        try await running.value
    }

    deinit {
        running.cancel()
    }
}
