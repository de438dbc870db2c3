// How a user gets to an agent: what is known of where it began, and what is seen of that now, weighed. Pure: nothing is asked
// and nothing is run.
//
// Only a pane in which the agent's process is seen is one that np shows by itself. In every other case it says what it knows,
// and that it doesn't see the agent there.

import NeuraphageEvents
import NeuraphagePresentation
package import NeuraphageSystem

/// How to get to an agent.
package enum WayToAgent: Hashable, Sendable {
    /// What is known of where np is asked.
    package struct Asker: Sendable {
        /// The socket of the tmux server in which it is asked.
        package var tmux: String?
        /// Whether it is asked on a terminal.
        package var isOnTerminal = false
        package var host: String?

        package init() {}
    }

    /// What is seen of a session's agent.
    package struct Sight: Sendable {
        package var presence: ProcessIdentity.Presence
        /// The pane of the tmux server in which its process is.
        package var pane: TmuxPane?
        /// Whether that server answers.
        package var answers = false

        package init(presence: ProcessIdentity.Presence, pane: TmuxPane? = nil, answers: Bool = false) {
            self.presence = presence
            self.pane = pane
            self.answers = answers
        }
    }

    /// Have the tmux server show its pane to the client in which this was asked.
    case show(server: String, TmuxPane)
    /// Attach this terminal to the tmux session, in which its pane is shown.
    case attach(server: String, TmuxPane)
    /// What to type, and what to know of it.
    case tell(commands: [String], remark: String)

    /// - Parameters:
    ///   - location: Where the session began, as far as it is known.
    ///   - directory: The worktree's directory.
    package init(to location: AgentLocation?, seen sight: Sight, directory: String?, from asker: Asker) {
        let location = location ?? AgentLocation()
        if let host = location.host, host != asker.host {
            let commands = ["ssh \(ShellWord.quoted(host))"] + Self.commands(location, nil, directory)
            self = .tell(commands: commands, remark: "its session began on \(host), another machine or a container")
            return
        }
        if location.program == .tmux, let server = location.server {
            self = Self.tmux(server, location, sight, directory, asker)
            return
        }
        let commands = Self.commands(location, nil, directory)
        let place = location.program.map { "its session began in \($0.rawValue)" }
        let terminal = location.terminal.map { "its terminal is \($0)" }
        let remark = [place, terminal].compactMap(\.self).joined(separator: ", and ")
        let unknown = "it has not said where it is"
        self = .tell(commands: commands, remark: (remark.isEmpty ? unknown : remark) + Self.doubt(sight))
    }

    private static func tmux(
        _ server: String,
        _ location: AgentLocation,
        _ sight: Sight,
        _ directory: String?,
        _ asker: Asker
    ) -> WayToAgent {
        guard let pane = sight.pane else {
            let remark =
                sight.answers
                ? "its session began in tmux, and np does not see its process in any pane there"
                : "its session began in tmux, whose server does not answer"
            let commands = sight.answers ? commands(location, nil, directory) : inDirectory(directory)
            return .tell(commands: commands, remark: remark)
        }
        if asker.tmux == server { return .show(server: server, pane) }
        if asker.tmux == nil, asker.isOnTerminal { return .attach(server: server, pane) }
        let remark = asker.tmux == nil ? "it is in tmux" : "it is in another tmux server than this"
        return .tell(commands: commands(location, pane, directory), remark: remark)
    }

    private static func doubt(_ sight: Sight) -> String {
        sight.presence == .alive ? "" : "; np does not see its process from here"
    }

    /// What a person types to get there, the best first.
    private static func commands(_ location: AgentLocation, _ pane: TmuxPane?, _ directory: String?) -> [String] {
        let command: [String]? =
            switch location.program {
            case .tmux:
                location.server.map { ["tmux", "-S", $0, "attach"] + (pane.map { ["-t", $0.session] } ?? []) }
            case .screen: location.server.map { ["screen", "-x", $0] }
            case .zellij: location.server.map { ["zellij", "attach", $0] }
            case .kitty:
                location.pane.map { window in
                    ["kitten", "@"] + (location.server.map { ["--to", $0] } ?? [])
                        + ["focus-window", "--match", "id:\(window)"]
                }
            case .wezterm: location.pane.map { ["wezterm", "cli", "activate-pane", "--pane-id", $0] }
            case .vscode: directory.map { ["code", $0] }
            case nil: nil
            }
        return (command.map { [$0.map(ShellWord.quoted).joined(separator: " ")] } ?? []) + inDirectory(directory)
    }

    private static func inDirectory(_ directory: String?) -> [String] {
        directory.map { ["cd \(ShellWord.quoted($0))"] } ?? []
    }
}
