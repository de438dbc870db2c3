// The hooks that an agent is given, and how an entry looks in its settings.
//
// The command is one text for a shell, without "args": a version that doesn't know them would run np without any, and np's
// help would land in the agent's context.

import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageTasks

/// The hooks that an agent is given.
struct AgentHooks {
    let agent: Agent
    /// The agent's version, if it is known.
    let version: AgentVersion?
    /// The events that this version is asked for.
    let events: [AskedEvent]
    /// The command that the agent is to run.
    let command: String
    /// What the agent calls the hook, if it has a name for hooks.
    let label: String?
    /// What an entry has besides command and timeout, as the settings have it.
    private let members: String
    /// How a command of ours ends, wherever np lies.
    private let ending: String
    /// What np is called.
    private let program: String

    /// - Parameters:
    ///   - version: The agent's version; `nil` if it is not known.
    ///   - np: What to run, with which options.
    init(agent: Agent, version: AgentVersion?, np: InstalledProgram) {
        self.agent = agent
        self.version = version
        events = agent.askedEvents(of: version)
        ending = " hook \(agent.rawValue)" + np.optionText
        command = ShellWord.quoted(np.path) + ending
        label = agent == .codex ? "np records this" : nil
        members = label.map { #", "statusMessage": \#(Self.string($0))"# } ?? ""
        program = np.name
    }

    /// The hook by which Claude Code is woken.
    ///
    /// - Parameter isWanted: Whether it is to run it; if not, it is taken out where it is.
    init(wakingClaude isWanted: Bool, np: InstalledProgram) {
        agent = .claude
        version = AskedEvent.waking.since
        events = isWanted ? [.waking] : []
        ending = " hook wake" + np.optionText
        command = ShellWord.quoted(np.path) + ending
        label = nil
        members = #", "asyncRewake": true, "rewakeMessage": "Woken by np.", "rewakeSummary": "np: a message has come""#
        program = np.name
    }

    /// The events that are to run the hook where some run it already: of an agent whose version is not known, those stay that
    /// were asked for when it was.
    func events(where present: [String]) -> [AskedEvent] {
        if version != nil { return events }
        let names = Set(events.map(\.name)).union(present)
        return agent.askedEvents.filter { names.contains($0.name) }
    }

    /// Whether a command of somebody's settings is this hook, of this np or of one that lies elsewhere.
    func isOurs(_ command: String) -> Bool {
        guard command.hasSuffix(ending) else { return false }
        let word = command.dropLast(ending.count)
        let path = word.hasSuffix("'") ? word.dropLast() : word
        return ["np", program].contains { path.hasSuffix("/" + $0) || path == $0 }
    }

    /// What is put into the list of an event's hooks: one line, so that a person sees at a glance what came.
    func entry(for event: AskedEvent) -> String {
        let command = Self.string(command)
        return #"{"hooks": [{"type": "command", "command": \#(command), "timeout": \#(event.timeout)\#(members)}]}"#
    }

    static func string(_ text: String) -> String {
        var bytes: [UInt8] = []
        JSONText.encode(text, into: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension Agent {
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
