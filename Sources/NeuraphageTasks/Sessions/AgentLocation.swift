// Where a user finds an agent: the machine, the terminal, and the pane of a multiplexer or a terminal program in which it was
// started, as far as the environment says that its hook was called with. Pure.
//
// An environment is handed on to whatever is started later, also elsewhere, so what it says is where to look, never that the
// agent is there. All of it is text from outside: what cannot be the name of what it says it is counts as not said.

package import NeuraphageEvents
import NeuraphageSystem

/// Where an agent's session began.
package struct AgentLocation: Hashable, Sendable {
    /// What shows the agent and can be asked to show it again.
    package enum Program: String, CaseIterable, Sendable {
        case tmux, screen, zellij, kitty, wezterm, vscode
    }

    private static let longest = 200

    /// The machine's name for itself.
    package var host: String?
    /// The terminal's device.
    package var terminal: String?
    package var program: Program?
    /// Which of its servers or sessions: a socket's path for tmux and kitty, the name of a session for screen and zellij.
    package var server: String?
    /// Which of its panes.
    package var pane: String?

    package init() {}

    /// What an environment says.
    ///
    /// - Parameters:
    ///   - host: The machine's name.
    ///   - terminal: The terminal's device, if there is one.
    ///   - variable: How to look up a variable.
    package init(host: String?, terminal: String?, _ variable: (String) -> String?) {
        self.host = host.flatMap { Self.text($0) }
        self.terminal = terminal.flatMap { Self.path($0) }
        func number(_ name: String) -> String? {
            variable(name).flatMap { $0.count <= 10 && !$0.isEmpty && $0.utf8.allSatisfy(Self.isDigit) ? $0 : nil }
        }
        if let tmux = variable("TMUX"), let socket = Self.tmuxSocket(tmux) {
            (program, server) = (.tmux, socket)
            pane = variable("TMUX_PANE").flatMap { Self.isTmuxPane($0) ? $0 : nil }
        } else if let session = variable("ZELLIJ_SESSION_NAME").flatMap(Self.text) {
            (program, server, pane) = (.zellij, session, number("ZELLIJ_PANE_ID"))
        } else if let session = variable("STY").flatMap(Self.text) {
            (program, server, pane) = (.screen, session, number("WINDOW"))
        } else if let window = number("KITTY_WINDOW_ID") {
            (program, server, pane) = (.kitty, variable("KITTY_LISTEN_ON").flatMap(Self.text), window)
        } else if let window = number("WEZTERM_PANE") {
            (program, pane) = (.wezterm, window)
        } else if variable("TERM_PROGRAM") == "vscode" {
            program = .vscode
        }
    }

    /// What an event says.
    package init?(_ payload: Payload) {
        func string(_ name: String) -> String? { payload.value(at: ["where", name])?.string }
        guard payload["where"] != nil else { return nil }
        host = string("host").flatMap(Self.text)
        terminal = string("tty").flatMap(Self.path)
        program = string("program").flatMap(Program.init)
        pane = string("pane").flatMap(Self.text)
        server = string("server").flatMap(Self.text)
        guard program == .tmux else { return }
        server = server.flatMap(Self.path)
        pane = pane.flatMap { Self.isTmuxPane($0) ? $0 : nil }
    }

    /// What the event says with which the session begins; `nil` if nothing is known.
    package var value: JSONValue? {
        let members = [
            ("host", host), ("tty", terminal), ("program", program?.rawValue), ("server", server), ("pane", pane),
        ].compactMap { name, text in text.map { (name, JSONValue.string($0)) } }
        return members.isEmpty ? nil : .object(members)
    }

    // MARK: - What can be meant

    /// `SOCKET,PID,SESSION`. The socket's path may hold commas.
    private static func tmuxSocket(_ text: String) -> String? {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count >= 3 else { return nil }
        return path(parts.dropLast(2).joined(separator: ","))
    }

    private static func isTmuxPane(_ text: String) -> Bool {
        text.hasPrefix("%") && (2...11).contains(text.utf8.count) && text.utf8.dropFirst().allSatisfy(isDigit)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func path(_ text: String) -> String? { text.hasPrefix("/") ? self.text(text) : nil }

    /// A text that prints, is not an option, and is not long.
    private static func text(_ text: String) -> String? {
        let isName = text.unicodeScalars.allSatisfy { $0.isPrintable && $0 != "\u{FFFD}" }
        return isName && !text.isEmpty && !text.hasPrefix("-") && text.utf8.count <= longest ? text : nil
    }
}
