// np hook wake: what Claude Code runs in the background when it has stopped, and has itself woken by.

import ArgumentParser
import NeuraphageAgents
import NeuraphageConfiguration
import NeuraphageEvents
import NeuraphagePlatform
import NeuraphageSystem
import NeuraphageTasks

struct HookWakeCommand: ParsableCommand {
    static let name = "wake"
    static let configuration = CommandConfiguration(
        commandName: name,
        abstract: "A hook of Claude Code: waits until something comes for an agent that has stopped, and wakes it.",
        discussion: """
            Configured by np init if [agents] wake says so. It waits for what that says, at most a day, and wakes the agent \
            by exiting with 2. Otherwise it exits with 0, whatever happens: at once where no person is at the agent's \
            terminal, because the agent waits for this hook there.
            """
    )

    @OptionGroup var global: GlobalOptions

    @Argument(parsing: .captureForPassthrough, help: "Passed over.")
    var arguments: [String] = []

    func validate() throws { try AgentHookCall.helpIfAsked(arguments, self) }

    func run() throws {
        let input = HookStandardInput(ofObject: true)
        var words: String?
        do {
            words = try wait(input)
        } catch {
            if global.verbose { complain("\(error)") }
        }
        guard let words else { return }
        writeToStandardError(words + "\n")
        throw ExitCode(WakingHook.wakes)
    }

    private func wait(_ input: borrowing HookStandardInput) throws -> String? {
        let configuration = try global.configuration(for: .hook)
        let wake = configuration.wake
        guard wake != .none, configuration.log.isEnabled, isAtTerminal else { return nil }
        let directory = configuration.dataDirectory
        let hook = input.withBytes { WakingHook(.claude, telling: $0, logPath: configuration.log.path, in: directory) }
        // The agent kills what takes longer.
        let deadline = MonotonicClock.moment(after: .seconds(WakingHook.timeout - 60))
        return try hook?.wait(until: deadline, for: { wake.admits($0) }, output: STDOUT_FILENO)
    }

    /// Whether the agent goes on while this waits: Claude Code with `-p`, or under another program, ends only after it.
    private var isAtTerminal: Bool { getenv("CLAUDE_CODE_ENTRYPOINT").map { String(cString: $0) } == "cli" }
}
