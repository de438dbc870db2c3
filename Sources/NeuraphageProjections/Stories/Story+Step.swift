// What a story has the reader type next.

package import NeuraphageEvents
import NeuraphagePresentation

extension Story {
    /// A command to type.
    package enum Step: Hashable, Sendable {
        case go(TaskID)
        case why(TaskID)
        case events(TaskID)
        case locks
        /// Another program's, quoted as it is typed.
        case other(String)

        /// The command in which an agent takes up its session again.
        package static func resume(session id: String, of agent: String, in worktree: String) -> Step {
            let resume = agent == "codex" ? "codex resume" : "claude --resume"
            return .other("cd \(ShellWord.quoted(worktree)) && \(resume) \(ShellWord.quoted(id))")
        }

        /// As it is typed.
        ///
        /// - Parameter options: What np's commands need besides to find the same log.
        package func command(options: String = "") -> String {
            func np(_ words: String...) -> String {
                (["np"] + words.map(ShellWord.quoted)).joined(separator: " ") + options
            }
            return switch self {
            case .go(let task): np("go", TaskWord.typed(task.description))
            case .why(let task): np("why", TaskWord.typed(task.description))
            case .events(let task): np("events", "-t", TaskWord.typed(task.description))
            case .locks: np("lock", "--list")
            case .other(let command): command
            }
        }
    }
}
