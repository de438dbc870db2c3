// A command that a user has configured, run by their shell. What it is about comes in its environment, never in its text: so
// nothing that another program has made up becomes a part of the command. It has no input, no terminal, and a session of its
// own, so that it can be ended with its process group when it takes too long.

import NeuraphageEvents
import NeuraphagePlatform
import Subprocess
import SystemPackage

/// A command for `/bin/sh`.
package struct ShellCommand: Hashable, Sendable {
    /// How a command ended.
    package enum Ending: Hashable, Sendable {
        case exited(Int32)
        case killed(Int32)
        /// It was ended because it took too long.
        case tookTooLong
        case notStarted(String)
    }

    package let text: String

    package init(_ text: String) {
        self.text = text
    }

    /// Runs the command in the root directory, and waits for its end without blocking a thread. If the task is cancelled, the
    /// command is ended.
    ///
    /// - Parameters:
    ///   - variables: What differs from the environment of this process; `nil` takes a variable away.
    ///   - limit: How long it may take. Then it is killed, with its process group.
    package func run(variables: [String: String?], atMost limit: Duration) async -> Ending {
        var changes: [Environment.Key: String?] = [:]
        for (name, value) in variables {
            guard let key = Environment.Key(rawValue: name) else { continue }
            changes[key] = .some(value)
        }
        let environment = Environment.inherit.updating(changes)
        let running = Task { [text] in
            var options = PlatformOptions()
            options.createSession = true
            options.teardownSequence = [
                .send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .seconds(1))
            ]
            return try await Subprocess.run(
                .path("/bin/sh"),
                arguments: ["-c", text],
                environment: environment,
                workingDirectory: "/",
                platformOptions: options,
                output: .discarded,
                error: .discarded
            ).terminationStatus
        }
        let isLate = Lock(false)
        let timer = Task {
            try await Task.sleep(for: limit)
            isLate.withLock { $0 = true }
            running.cancel()
        }
        defer { timer.cancel() }
        let result = await withTaskCancellationHandler {
            await running.result
        } onCancel: {
            running.cancel()
        }
        if isLate.withLock({ $0 }) { return .tookTooLong }
        switch result {
        case .success(.exited(let code)): return .exited(code)
        case .success(.signaled(let signal)): return .killed(signal)
        case .failure(let error): return .notStarted("\(error)")
        }
    }
}

extension ShellCommand.Ending: CustomStringConvertible {
    package var description: String {
        switch self {
        case .exited(let code): "exited with \(code)"
        case .killed(let signal): "was killed by \(SignalName.name(of: signal))"
        case .tookTooLong: "took too long and was killed"
        case .notStarted(let reason): "could not be started: \(reason)"
        }
    }
}
