// Which of the notifications to its task an agent is given without having been given a prompt. An order to rebase can wait
// for the next prompt: an agent in the middle of its work would have to put that aside. A word of the user's often cannot.

package import NeuraphageEvents

/// Some of the notifications to a task.
package enum NotificationChoice: String, CaseIterable, Sendable {
    case none
    /// What people and other tasks have said.
    case messages
    /// Orders to rebase as well.
    case all

    /// Whether a notification is among them.
    package func admits(_ notification: Event) -> Bool {
        switch self {
        case .none: false
        case .messages: notification.kind != .rebaseRequired
        case .all: true
        }
    }

    /// What a setting must be that chooses, in words.
    static var expectation: String { "\"messages\", \"all\" or \"none\"" }
}
