import Logging
import NIOCore
import NeuraphageEvents
import TestSupport

@testable import NeuraphageDaemon

/// A daemon in the test's own process, so that it can be made impatient or narrow.
final class LocalDaemon: DaemonClient {
    let directory: String
    let socket: String
    private let running: Task<Void, any Error>

    /// Starts a daemon with limits of its own and waits until it serves. It has all the patience in the world unless the
    /// limits say otherwise.
    init(in parent: TemporaryDirectory, _ change: (inout API.Limits) -> Void) async throws {
        directory = parent("d")
        socket = directory + "/neuraphage.sock"
        var limits = API.Limits()
        let hour = TimeAmount.hours(1)
        limits.patience = ClientGuard.Patience(head: hour, body: hour, answer: hour, answeredBody: hour)
        change(&limits)
        let (serving, isServing) = AsyncStream<Void>.makeStream()
        let daemon = Daemon(
            config: DaemonConfig(dataDirectory: directory),
            limits: limits,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        ) {
            isServing.yield()
        }
        running = Task {
            defer { isServing.finish() }
            try await daemon.run()
        }
        let serves = try await within("the daemon to serve") { await serving.first { true } != nil }
        guard !serves else { return }
        try await running.value
    }

    /// Ends it in order.
    func end() async throws {
        running.cancel()
        try await within("the daemon to end") { try await running.value }
    }

    deinit {
        running.cancel()
    }
}
