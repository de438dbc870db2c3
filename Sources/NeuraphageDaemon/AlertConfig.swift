// What the user wants to be told of, by which command.

import NeuraphageEvents
package import NeuraphageSystem

/// What a user can be told of.
package enum AlertOccasion: String, CaseIterable, Sendable {
    /// An agent waits for a person.
    case wait = "on_wait"
    /// Work that was to succeed has failed.
    case failed = "on_failed"
    /// Something is gone without a word.
    case lost = "on_lost"

    /// What an event is an occasion of, if it is one.
    init?(_ event: Event) {
        if event.kind == .agentWaiting {
            self = .wait
            return
        }
        switch Problem.sort(of: event) {
        case .failure: self = .failed
        case .loss: self = .lost
        case .hitch, nil: return nil
        }
    }
}

/// The commands by which a user is told, and when.
package struct AlertConfig: Hashable, Sendable {
    /// The command for each occasion of which the user wants to be told.
    package var commands: [AlertOccasion: ShellCommand] = [:]
    /// How long a wait goes on before the user is told of it.
    package var grace = Duration.seconds(30)
    /// How long a command may take.
    var limit = Duration.seconds(10)

    package init() {}
}
