// np go: to where an agent is.

import ArgumentParser
import NeuraphageConfiguration
import NeuraphageEvents
import NeuraphagePlatform
import NeuraphagePresentation
import NeuraphageSystem
import NeuraphageTasks

struct GoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "go",
        abstract: "Go to where a task's agent is: its tmux pane, or how to get there.",
        discussion: """
            Inside the agent's tmux, its pane is shown; on another terminal, tmux is attached. Elsewhere, and where np does \
            not see the agent's process in the pane, it prints what to type. Of several agents it is the one whose session \
            began last.

            np go add-login          by the task, or by a beginning that only it has
            np go 1                  by its number in the list that np has shown last in this terminal
            np go .                  the task of this worktree

            Exit codes: 0 it is shown, or what to type was printed; 1 no agent works on the task.
            """
    )

    @OptionGroup var global: GlobalOptions

    @Argument(
        help: "The task; '.' is the task of this worktree.",
        completion: .custom { _, _, _ in TaskCompletion.tasksInLog() }
    )
    var task: String

    func validate() throws { try TypedName.check(task) }

    func run() async throws {
        let configuration = try global.configuration()
        let directory = configuration.dataDirectory
        let sessions = AgentSessions(in: directory).open
        let task = try task(configuration, among: sessions)
        let found = WorkingAgent.latest(of: task, among: sessions, in: directory.files)
        guard let (agent, count) = found else {
            let place = PlaceNames(in: directory).named.first { $0.name == task || $0.given == task }?.directory
            let hint = place.flatMap { directory.files.isDirectory($0) ? "its worktree is \($0)" : nil }
            throw OperationError(.failed, "np knows of no agent that works on '\(task)' now", hint: hint)
        }
        complain("\(agent.words)\(count > 1 ? ", the latest of \(count) sessions" : "")")
        switch await agent.way(from: asker, in: directory) {
        case .show(let server, let pane):
            let words = pane.selection + [";", "switch-client", "-t", pane.session]
            let answer = try await Program.ask("tmux", ["-S", server] + words)
            guard answer.succeeded else {
                throw OperationError(.failed, "tmux does not show the pane \(pane.pane): \(answer.complaint)")
            }
        case .attach(let server, let pane):
            throw try Self.become(
                ["tmux", "-S", server] + pane.selection + [";", "attach-session", "-t", pane.session]
            )
        case .tell(let commands, let remark):
            complain(remark)
            if !commands.isEmpty { try printLines(commands.map(\.visible).joined(separator: "\n")) }
        }
    }

    /// The task that was typed, or the one with an agent whose name begins so.
    private func task(_ configuration: Configuration, among sessions: [AgentSessions.Open]) throws -> TaskID {
        if let task = try TypedName.numberedTask(task, in: configuration.dataDirectory) { return task }
        let name = TypedName.literal(task)
        let known = KnownTasks(in: configuration.dataDirectory, logPath: configuration.log.path)
        if name != ".", try !known.contains(TypedName.task(name, in: configuration.dataDirectory)) {
            let likely = Set(sessions.compactMap(\.task).filter { $0.description.hasPrefix(name) })
            if let only = likely.first, likely.count == 1 { return only }
            if likely.count > 1 {
                let names = likely.map { "'\($0)'" }.sorted().joined(separator: ", ")
                throw OperationError(.usage, "several tasks begin with '\(name)'", hint: "they are \(names)")
            }
        }
        return try TypedName.existingTask(task, in: configuration)
    }

    private var asker: WayToAgent.Asker {
        var asker = WayToAgent.Asker()
        asker.host = AgentLocation.hostName
        let here = AgentLocation(host: nil, terminal: nil) { name in getenv(name).map { String(cString: $0) } }
        if here.program == .tmux { asker.tmux = here.server }
        asker.isOnTerminal = isatty(STDIN_FILENO) != 0 && isatty(STDOUT_FILENO) != 0
        return asker
    }

    /// Runs a program in the place of this one, as far as its terminal goes.
    ///
    /// - Returns: How this one ends then.
    private static func become(_ words: [String]) throws -> ExitCode {
        var program = Spawn(words)
        program.signalsToReset = IgnoredSignals.byNP
        let id = try program.start()
        var status: Int32 = 0
        while waitpid(id, &status, 0) < 0, errno == EINTR {}
        return ExitCode(status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f)
    }
}
