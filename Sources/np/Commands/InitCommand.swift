// `np init`: from now on the events of a repository and of the agents in it come by themselves.

import ArgumentParser
import NeuraphageAgents
import NeuraphageConfiguration
import NeuraphageEvents
import NeuraphagePlatform
import NeuraphagePresentation
import NeuraphageSystem
import NeuraphageTasks
import NeuraphageWatching

struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Have the events of a repository, and of the agents in it, come by themselves.",
        discussion: """
            Installs git hooks and the hooks of the agents that are found here, has the daemon watch the \
            repository, and starts it, at each login where that is possible. Agents elsewhere are not recorded, unless \
            agents.record is "all". It shows every change before it makes it; \
            what others have in those files stays as it is. A second run repairs what is missing, also after an \
            update of np or of an agent; np uninit takes everything back.

            np init --dry-run         what it would change
            np init --status          what is installed
            np init ~/src/other       another repository than the one here
            np init ~/src/*           several; what is not in a repository is named and passed over
            """
    )

    @OptionGroup var global: GlobalOptions

    @Flag(help: "Show what would be changed, and change nothing.")
    var dryRun = false

    @Flag(help: "Show what is installed, and change nothing.")
    var status = false

    @Flag(name: .customLong("no-daemon"), help: "Neither start the daemon nor have it started at login.")
    var withoutDaemon = false

    @OptionGroup var colorOptions: ColorOptions

    @Argument(
        help: ArgumentHelp(
            "Directories in the repositories. Default: the working directory.",
            valueName: "repository"
        ),
        completion: .directory
    )
    var repositories: [String] = []

    func validate() throws {
        if dryRun && status { throw ValidationError("Give either --dry-run or --status.") }
    }

    func run() async throws {
        let configuration = try global.configuration()
        let (found, failures) = try await places(configuration)
        let setup = try global.setup(configuration, asksVersions: true)
        var isWell = failures == 0
        if status {
            for places in found { try await showStatus(setup, places, configuration) }
        } else if dryRun {
            let atLogin = withoutDaemon ? false : await setup.canStartAtLogin
            for places in found {
                let plan = try await setup.plan(for: places, atLogin: atLogin)
                try show(plan, verb: "would be")
                report(plan.refusals)
                if !plan.refusals.isEmpty { isWell = false }
            }
        } else if !(try await install(found, setup, configuration)) {
            isWell = false
        }
        if !isWell { throw ExitCode.failure }
    }

    /// The repositories, each once. What is none is named; if that is the only one, it is the reason to end.
    private func places(_ configuration: Configuration) async throws -> (found: [RepositoryPlaces], failures: Int) {
        var found: [RepositoryPlaces] = []
        var failures = 0
        for directory in repositories.isEmpty ? ["."] : repositories {
            do throws(OperationError) {
                let places = try await RepositoryPlaces(containing: directory, in: configuration.dataDirectory.files)
                if !found.contains(where: { $0.path == places.path }) { found.append(places) }
            } catch {
                if repositories.count <= 1 { throw error }
                complain(error)
                failures += 1
            }
        }
        return (found, failures)
    }

    /// Returns whether everything could be done.
    private func install(
        _ found: [RepositoryPlaces],
        _ setup: Setup,
        _ configuration: Configuration
    ) async throws -> Bool {
        let atLogin = withoutDaemon ? false : await setup.canStartAtLogin
        var plans: [SetupPlan] = []
        for places in found {
            let done = try await setup.whileAlone {
                let plan = try await setup.plan(for: places, atLogin: atLogin)
                try show(plan, verb: "is")
                return try setup.perform(plan)
            }
            report(done.refusals)
            plans.append(done)
        }
        guard let first = plans.first else { return false }
        let isDaemonWell = withoutDaemon ? true : await startDaemon(setup, first, atLogin: atLogin, configuration)
        for plan in plans { await look(at: plan.repository, configuration) }
        let lines = names(of: found, configuration) + nextSteps(plans, setup, configuration)
        try printLines(lines.map(\.visible).joined(separator: "\n"))
        return isDaemonWell && plans.allSatisfy(\.refusals.isEmpty)
    }

    /// Which worktrees have a directory's name that another one has as well, and what their tasks are therefore called.
    private func names(of found: [RepositoryPlaces], _ configuration: Configuration) -> [String] {
        let ids = found.compactMap { $0.id(in: configuration.dataDirectory) }
        let named = PlaceNames(in: configuration.dataDirectory).named
        let alike = Dictionary(grouping: named) { $0.directory.split(separator: "/").last.map(String.init) ?? "" }
        return alike.filter { _, same in same.count > 1 && same.contains { ids.contains($0.place.repository) } }
            .sorted { $0.key < $1.key }
            .map { name, same in
                let tasks = same.map { "\($0.name) (\($0.directory))" }.joined(separator: ", ")
                return "Several worktrees are called \(name); their tasks are \(tasks)."
            }
    }

    // MARK: - The daemon

    /// Starts the daemon unless one runs. Returns whether one runs then.
    private func startDaemon(
        _ setup: Setup,
        _ plan: SetupPlan,
        atLogin: Bool,
        _ configuration: Configuration
    ) async -> Bool {
        do {
            let running = try DaemonHealth.ask(configuration)
            var problem = "There is no service manager here that could start it at login"
            if atLogin, !plan.refusals.contains(where: { $0.part == .login }) {
                do {
                    try await setup.enableAtLogin(startingNow: running == nil)
                    if let health = try running ?? awaitService(configuration) {
                        if running == nil { setup.rememberDaemon(session: health.session) }
                        try printLines("The daemon runs, pid \(health.pid), and will at each login.")
                        return true
                    }
                    problem = "The service manager did not start it"
                } catch {
                    problem = "The service manager did not start it: \("\(error)".visible)"
                }
            }
            let health = try running ?? DaemonStartCommand.start(global, configuration)
            if running == nil { setup.rememberDaemon(session: health.session) }
            try printLines("The daemon runs, pid \(health.pid). \(problem): after a reboot, say np daemon start.")
            return true
        } catch let error as OperationError where error.code == .timedOut {
            complain(error)
            return false
        } catch {
            complain("the daemon does not run: \(error)")
            return false
        }
    }

    /// The service manager says that it has started a program before that answers.
    private func awaitService(_ configuration: Configuration) throws -> DaemonHealth? {
        for _ in 0..<50 {
            if let health = try DaemonHealth.await(configuration) { return health }
            usleep(100_000)
        }
        return nil
    }

    /// Takes note of where main is, before the daemon comes to it: what moves it next is told of.
    private func look(at repository: String, _ configuration: Configuration) async {
        let bus = configuration.openBus(toLog: "what moves in \(repository)")
        defer { bus.close() }
        do {
            try await configuration.observer(of: repository).look(publishingTo: bus)
        } catch {
            complain("warning: \(error)")
        }
    }

    // MARK: - What is shown

    private func show(_ plan: SetupPlan, verb: String) throws {
        var output = OutputStream()
        let report = SetupReport(plan: plan, style: colorOptions.style(output))
        var lines = report.lines
        if plan.changesWatchList { lines.append("\(plan.repository.visible) \(verb) watched from now on") }
        if plan.isEmpty, plan.refusals.isEmpty {
            lines.insert("Everything is in place for \(plan.repository.visible).", at: 0)
        }
        output.bytes = Array((lines.joined(separator: "\n") + "\n").utf8)
        try output.flush()
    }

    private func nextSteps(_ plans: [SetupPlan], _ setup: Setup, _ configuration: Configuration) -> [String] {
        let changes = plans.flatMap(\.changes)
        var lines: [String] = []
        if setup.hasUntrustedHooks {
            lines.append(
                "Codex asks once whether it may run these hooks: start codex, and trust them. "
                    + "Until then it runs none that is new or changed, and codex exec says nothing about that."
            )
        }
        if changes.contains(where: { $0.part == .codex }) { lines += setup.codexSandboxAdvice }
        let home = getenv("HOME").map { String(cString: $0) }
        let running = RunningAgents.notRecorded(in: configuration.dataDirectory, home: home).filter { agent in
            agent.directory.map { configuration.recordingScope.includes($0, in: configuration.dataDirectory) } ?? true
        }
        lines += running.map {
            "\($0.title) runs, pid \($0.pid), and np knows no session of it: restart it to be recorded."
        }
        if running.isEmpty, changes.contains(where: { $0.part == .claude || $0.part == .codex }) {
            lines.append("Agents that run already get their hooks when they are started again.")
        }
        if changes.contains(where: { $0.part == .claude || $0.part == .codex }) {
            lines.append(
                "After an update of Claude Code, Codex, or np, say np init again: np init --status says if that is due."
            )
        }
        lines.append(configuration.recordingWords)
        lines.append("Start an agent in a worktree, and see what it does: np events --follow")
        return lines
    }

    private func showStatus(_ setup: Setup, _ places: RepositoryPlaces, _ configuration: Configuration) async throws {
        let status = try await setup.status(of: places)
        var health: DaemonHealth?
        var daemon = "not running"
        do {
            health = try DaemonHealth.ask(configuration)
            if let health { daemon = "running, pid \(health.pid)" }
        } catch let error as OperationError where error.code == .timedOut {
            daemon = error.sentence
        }
        let watching = health?.repositories.first { $0.path == places.path }
        let state = watching?.words ?? (status.isWatched ? "watched" : "not watched")
        var rows = [["repository", state, places.path]]
        rows += status.parts.map { [$0.part.title, $0.state.words, $0.path] }
        rows.append(["daemon", daemon, configuration.socketPath])
        let table = TextTable(header: ["PART", "STATE", "PATH"], rows: rows.map { $0.map(\.visible) })
        let remarks = status.parts.flatMap { part in part.remarks.map { "\(part.part.title): \($0)".visible } }
        let problems = status.refusals.map { "\($0.part.title): \($0.reason)".visible }
        var recording = configuration.recordingWords
        if !configuration.recordingScope.includes(places.path, in: configuration.dataDirectory) {
            recording += " Those here are not."
        }
        try printLines((table.lines + remarks + problems + [recording]).joined(separator: "\n"))
    }
}

extension PartStatus.State {
    fileprivate var words: String {
        switch self {
        case .installed: "installed"
        case .untrusted: "installed, not trusted"
        case .notInstalled: "not installed"
        case .changed: "not what np init would write; np init repairs it"
        case .left: "changed since, and np init leaves it as it is"
        case .absent: "there is no such agent here"
        case .unreadable: "cannot be read"
        }
    }
}
