// One call by an agent. An agent takes an exit code other than 0, or a word that it doesn't expect, for a verdict on what
// it is doing. So whatever happens, np says nothing and exits with 0; only the notifications of the task are printed.

import ArgumentParser
import Logging
import NeuraphageAgents
import NeuraphageConfiguration
import NeuraphageEvents
import NeuraphagePlatform
import NeuraphagePresentation
import NeuraphageSystem
import NeuraphageTasks

struct AgentHookCall {
    static let discussion = """
        Configured by np init. Exits with 0 whatever happens, and prints nothing but what the task was told and has not \
        read: when a turn begins, when the context was compacted, and, as far as [agents] midturn says so, between the \
        tools of a turn. What people and models write is never recorded. With -v it says on standard error what went \
        wrong.
        """

    /// How long to wait in all for other processes that work with the same files, in ns; and how long for the log, and for its
    /// reserve, with which nearly every process works. So a hook takes about 100 ms at most, also if they are stopped.
    private static let patience: UInt64 = 75_000_000
    private static let patienceForLog: UInt64 = 30_000_000
    /// How long the daemon may take for what is not logged, at each step, in ms.
    private static let patienceForDaemon = 5

    let agent: Agent
    let global: GlobalOptions
    let arguments: [String]

    static func helpIfAsked(_ arguments: [String], _ command: some ParsableCommand) throws {
        if [["-h"], ["--help"]].contains(arguments) { throw CleanExit.helpRequest(command) }
    }

    /// Ends well without having understood the command line.
    static func endUnheard() -> Never {
        _ = HookStandardInput()
        exit(EXIT_SUCCESS)
    }

    func run() {
        // Codex' notifications come as an argument, and then standard input is nobody's.
        let input = arguments.last.flatMap { $0.hasPrefix("{") ? $0 : nil }
        do {
            if let input {
                try perform(Array(input.utf8).span, isCut: false)
            } else {
                let input = HookStandardInput(ofObject: true)
                try input.withBytes { try perform($0, isCut: input.isCut) }
            }
        } catch {
            if global.verbose { complain("\(error)") }
        }
    }

    private func perform(_ bytes: Span<UInt8>, isCut: Bool) throws {
        guard !bytes.isEmpty else { return }
        let configuration = try global.configuration(for: .hook)
        if let reason = configuration.switchedOff { throw OperationError(.failed, "not recorded: \(reason)") }
        var directory = configuration.dataDirectory
        directory.deadline = MonotonicClock.now + Self.patience
        let checks = CheckList(adding: configuration.checks)
        let scope = configuration.recordingScope
        let midturn = configuration.midturn
        let hook = try AgentHook(
            agent,
            telling: bytes,
            isCut: isCut,
            log: configuration.log,
            checks: checks,
            recording: scope,
            midturn: midturn == .none ? nil : { midturn.admits($0) },
            np: (OwnExecutable.path, getenv("PATH").map { String(cString: $0) }),
            in: directory
        )
        let rest = try hook.perform {
            let silence = Logger(label: "np.hook") { _ in SwiftLogNoOpLogHandler() }
            let log = try EventLog(
                opening: configuration.log,
                logger: silence,
                waitingAtMost: Self.patienceForLog
            )
            // What is in the reserve is appended in the background, because the agent waits.
            try? log.reserve.prepare()
            return log
        } deliver: { events in
            if !events.isEmpty {
                _ = try? EphemeralDelivery(configuration).deliver(events, patience: Self.patienceForDaemon)
            }
        } print: { text in
            var output = OutputStream()
            output.bytes = Array(text.utf8)
            try output.flush()
        }
        if global.verbose, let error = rest.error { complain("\(error)") }
        if !rest.events.isEmpty { BackgroundCommand.append(rest.events, global) }
        if rest.mayHaveEnds || !(configuration.reserve.waiting?.isEmpty ?? true) {
            // A session that is recorded may have come to a repository that isn't, and that is not looked at.
            if scope.includes(".", in: directory) {
                BackgroundCommand.start(["watch", "--once"], global)
            } else {
                BackgroundCommand.startSettling(global)
            }
        }
        if rest.isInboxBehind { BackgroundCommand.start(["hook", HookFoldCommand.name], named: 2, global) }
    }
}
