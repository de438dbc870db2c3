// Which of an agent's events we ask for, and how an entry looks in its settings.
//
// An agent passes over the events that its version doesn't know; Claude Code says so on its standard error. The command is
// one text for a shell, without "args": a version that doesn't know them would run np without any, and np's help would
// land in the agent's context.

import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageTasks

/// The hooks that an agent is given.
struct AgentHooks {
    /// The agent as `np hook` calls it.
    let agent: String
    /// The events, each with the tools that it is about, if it is about tools.
    let events: [(name: String, matcher: String?)]
    /// The command that the agent is to run.
    let command: String
    /// How a command of ours ends, wherever np lies.
    private let ending: String
    /// What np is called.
    private let program: String

    /// - Parameter np: What to run, with which options.
    init(agent: Agent, np: InstalledProgram) {
        self.agent = agent.rawValue
        events = agent.events
        ending = " hook \(agent.rawValue)" + np.optionText
        command = ShellWord.quoted(np.path) + ending
        program = np.name
    }

    /// Whether a command of somebody's settings is this hook, of this np or of one that lies elsewhere.
    func isOurs(_ command: String) -> Bool {
        guard command.hasSuffix(ending) else { return false }
        let word = command.dropLast(ending.count)
        let path = word.hasSuffix("'") ? word.dropLast() : word
        return ["np", program].contains { path.hasSuffix("/" + $0) || path == $0 }
    }

    /// What is put into the list of an event's hooks: one line, so that a person sees at a glance what came.
    func entry(matcher: String?) -> String {
        let matcher = matcher.map { #""matcher": \#(Self.string($0)), "# } ?? ""
        return
            #"{\#(matcher)"hooks": [{"type": "command", "command": \#(Self.string(command)), "timeout": \#(AgentHook.timeout)}]}"#
    }

    private static func string(_ text: String) -> String {
        var bytes: [UInt8] = []
        JSONText.encode(text, into: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension Agent {
    fileprivate var events: [(name: String, matcher: String?)] {
        switch self {
        case .claude:
            [
                ("SessionStart", nil), ("SessionEnd", nil), ("UserPromptSubmit", nil), ("Stop", nil),
                ("StopFailure", nil), ("Notification", nil), ("PermissionRequest", nil), ("PermissionDenied", nil),
                ("PostToolUse", nil), ("PostToolUseFailure", nil), ("SubagentStart", nil), ("SubagentStop", nil),
                ("Elicitation", nil), ("ElicitationResult", nil),
            ]
        case .codex:
            [
                ("SessionStart", nil), ("SessionEnd", nil), ("UserPromptSubmit", nil), ("PermissionRequest", nil),
                ("PostToolUse", nil), ("Stop", nil), ("Interrupt", nil), ("SubagentStart", nil), ("SubagentStop", nil),
            ]
        }
    }

    /// The directory of the agent's settings, whether it exists or not.
    private func directory(_ surroundings: Surroundings) -> String {
        switch self {
        case .claude: surroundings.path("CLAUDE_CONFIG_DIR", orInHome: ".claude")
        case .codex: surroundings.path("CODEX_HOME", orInHome: ".codex")
        }
    }

    /// The file that holds the hooks of every repository. Worktrees don't share untracked files, and a tracked one would
    /// change their `git status`.
    func settingsFile(_ surroundings: Surroundings) -> String {
        directory(surroundings) + (self == .claude ? "/settings.json" : "/hooks.json")
    }

    /// Whether the agent is installed: as a program, or because it has been used.
    func isInstalled(_ surroundings: Surroundings) -> Bool {
        surroundings.program(rawValue) != nil || surroundings.files.isDirectory(directory(surroundings))
    }
}
