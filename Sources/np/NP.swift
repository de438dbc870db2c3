// The root of the command line, and what holds for all of it: signals, errors, exit codes.

import ArgumentParser
import NeuraphageConfiguration
import NeuraphageEvents
import NeuraphagePlatform
import NeuraphagePresentation

struct NP: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "np",
        abstract: "The flight recorder for many coding agents at once: what happened, in order, and nothing lost.",
        discussion: """
            See it work:          np demo
            Have events come:     np init
            Who waits for me:     np
            What happened:        np events
            Record an event:      np emit TaskStarted --task my-task
            Record a command:     np run --task my-task -- make test

            Exit codes: 0 ok, 1 failed, 3 timed out, 64 wrong usage.
            """,
        version: "np \(Version.current)",
        subcommands: [
            TasksCommand.self, WhyCommand.self, GoCommand.self, EventsCommand.self, ShowCommand.self, WaitCommand.self,
            SessionsCommand.self, EmitCommand.self, RunCommand.self, LockCommand.self, InboxCommand.self,
            NudgeCommand.self, WatchCommand.self, RebaseCommand.self, HookCommand.self, InitCommand.self,
            UninitCommand.self, DaemonCommand.self, ConfigCommand.self, DemoCommand.self,
        ],
        defaultSubcommand: TasksCommand.self
    )
}

@main
enum Main {
    static func main() async {
        StandardDescriptors.reserve()
        IgnoredSignals.begin()
        do {
            var command = try parse()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch is OutputClosed {
            exit(EXIT_SUCCESS)
        } catch let error as OperationError {
            complain(error)
            exit(error.exitCode)
        } catch let error as EventLogError {
            complain(error.description)
            exit(EXIT_FAILURE)
        } catch {
            exitWithMessage(of: error)
        }
    }

    /// The command that was asked for. The argument parser would take `verify` for one of the files that `np events` reads.
    private static func parse() throws -> any ParsableCommand {
        let arguments = CommandLine.parsedWords
        // It would be taken for a task that np is to show.
        if let unknownCommand { throw ValidationError(unknownCommand) }
        if arguments.starts(with: ["events", "verify"]) {
            return try VerifyCommand.parseAsRoot(Array(arguments.dropFirst(2)))
        }
        do {
            return try NP.parseAsRoot(arguments)
        } catch  where HookCommand.isCalled(by: arguments) && !NP.exitCode(for: error).isSuccess {
            AgentHookCall.endUnheard()
        }
    }

    /// Prints what the argument parser has to say: help and versions as a result, mistakes as errors.
    private static func exitWithMessage(of error: any Error) -> Never {
        let code = NP.exitCode(for: error)
        let message = unknownCommand ?? NP.fullMessage(for: error)
        if code.isSuccess {
            try? printLines(message)
        } else if !message.isEmpty {
            let lines = message.split(separator: "\n", omittingEmptySubsequences: false).map { String($0).visible }
            writeToStandardError(lines.joined(separator: "\n") + "\n")
        }
        exit(code.rawValue)
    }

    /// What to say if the first word is no command of np, or an option that belongs to the command after it.
    private static var unknownCommand: String? {
        let commands = NP.configuration.subcommands.map { $0.configuration }
        let names = commands.flatMap { command in [command.commandName ?? ""] + command.aliases }
        let words = CommandLine.parsedWords
        if words.count > 2, ["--data-dir", "--config"].contains(words[0]), names.contains(words[2]) {
            return "Error: options come after the command: np \(words[2]) \(words[0]) \(ShellWord.quoted(words[1]))"
        }
        guard let word = words.first, !word.hasPrefix("-"), word != "help",
            !names.contains(word)
        else { return nil }
        let hint = Suggestion.nearest(to: word, in: names).map { "; did you mean 'np \($0)'?" }
        let known = hint ?? "; commands are \(names.joined(separator: ", "))"
        let quoted = ShellWord.quoted(word)
        let task =
            Int(word) == nil
            ? "For a task of that name, say np tasks \(quoted) or np why \(quoted)."
            : "For the task of that number, say np go \(word) or np why \(word)."
        return "Error: there is no command '\(word)'\(known)\n\(task)"
    }
}

extension OperationError {
    /// The exit code of a command that fails so.
    fileprivate var exitCode: Int32 {
        switch code {
        case .usage, .configuration: ExitCode.validationFailure.rawValue
        case .timedOut: 3
        default: EXIT_FAILURE
        }
    }
}
