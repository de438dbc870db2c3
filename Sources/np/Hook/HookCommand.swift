// np hook: what agents and git call by themselves. People need it only to look at.

import ArgumentParser
import NeuraphageTasks

struct HookCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hook",
        abstract: "What agents call when something happens; it records that, and hands them what they were told.",
        subcommands: [
            HookClaudeCommand.self, HookCodexCommand.self, HookFoldCommand.self, HookGitCommand.self,
            HookLateCommand.self, HookSettleCommand.self, HookWakeCommand.self,
        ]
    )

    /// Whether these are the arguments of a hook, to whose caller a mistake must not matter.
    static func isCalled(by arguments: [String]) -> Bool {
        guard arguments.count >= 2, arguments[0] == configuration.commandName else { return false }
        return Agent(rawValue: arguments[1]) != nil
            || [HookGitCommand.configuration.commandName, HookWakeCommand.name].contains(arguments[1])
    }
}

struct HookClaudeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "claude",
        abstract: "A hook of Claude Code: reads what has happened as JSON from standard input.",
        discussion: AgentHookCall.discussion
    )

    @OptionGroup var global: GlobalOptions

    @Argument(parsing: .captureForPassthrough, help: "Passed over.")
    var arguments: [String] = []

    func validate() throws { try AgentHookCall.helpIfAsked(arguments, self) }

    func run() { AgentHookCall(agent: .claude, global: global, arguments: arguments).run() }
}

struct HookCodexCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "codex",
        abstract: "A hook of Codex: reads what has happened as JSON from standard input, or from the last argument.",
        discussion: AgentHookCall.discussion
    )

    @OptionGroup var global: GlobalOptions

    @Argument(parsing: .captureForPassthrough, help: "The last one may be the JSON.")
    var arguments: [String] = []

    func validate() throws { try AgentHookCall.helpIfAsked(arguments, self) }

    func run() { AgentHookCall(agent: .codex, global: global, arguments: arguments).run() }
}
