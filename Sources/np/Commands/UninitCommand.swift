// `np uninit`: everything that np init has changed becomes what it was.

import ArgumentParser
import NeuraphageAgents
import NeuraphageConfiguration
import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageSystem

struct UninitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "uninit",
        abstract: "Take back everything that np init has changed for a repository.",
        discussion: """
            Files that nobody has changed since are what they were before, byte for byte; from others only what np \
            put there is taken out. The agents' hooks and the daemon stay as long as another repository is watched, and a \
            daemon that np init did not start stays in any case. \
            The log and everything else that was recorded stays.
            """
    )

    @OptionGroup var global: GlobalOptions

    @Flag(help: "Show what would be changed, and change nothing.")
    var dryRun = false

    @OptionGroup var colorOptions: ColorOptions

    @Argument(
        help: "A directory in the repository, or where it was. Default: the working directory.",
        completion: .directory
    )
    var repository = "."

    func run() async throws {
        let configuration = try global.configuration()
        let setup = try global.setup(configuration, asksVersions: false)
        let (path, places) = try await find(setup, configuration)
        if dryRun {
            let plan = try setup.planRemoval(of: path, places)
            try show(plan, configuration)
            report(plan.refusals)
            if !plan.refusals.isEmpty { throw ExitCode.failure }
            return
        }
        let done = try await setup.whileAlone {
            let plan = try setup.planRemoval(of: path, places)
            try show(plan, configuration)
            return try await setup.performRemoval(plan)
        }
        report(done.refusals)
        if done.changesWatchList, done.isLast { try stopDaemon(setup, configuration) }
        if !done.refusals.isEmpty { throw ExitCode.failure }
    }

    /// The repository, which need not be there any more.
    private func find(_ setup: Setup, _ configuration: Configuration) async throws -> (
        path: String, places: RepositoryPlaces?
    ) {
        let inputs = Configuration.Inputs.ofThisProcess(file: nil, dataDirectory: nil)
        let asked = repository.absolute(in: inputs.workingDirectory)
        do {
            let places = try await RepositoryPlaces(containing: repository, in: configuration.dataDirectory.files)
            if try !setup.knows(places.path), let former = try setup.formerPath(of: places) { return (former, places) }
            return (places.path, places)
        } catch {
            if try setup.knows(asked) { return (asked, nil) }
            throw error
        }
    }

    private func show(_ plan: SetupPlan, _ configuration: Configuration) throws {
        var output = OutputStream()
        var lines = SetupReport(plan: plan, style: colorOptions.style(output)).lines
        let verb = dryRun ? "would not be" : "is not"
        if plan.changesWatchList { lines.append("\(plan.repository.visible) \(verb) watched any more") }
        if plan.isEmpty, plan.refusals.isEmpty, plan.notes.isEmpty {
            lines.append("Nothing is installed for \(plan.repository.visible).")
        }
        if !plan.isEmpty {
            lines.append("The log and what else was recorded stay in \(configuration.dataDirectory.path.visible).")
        }
        if lines.isEmpty { return }
        output.bytes = Array((lines.joined(separator: "\n") + "\n").utf8)
        try output.flush()
    }

    private func stopDaemon(_ setup: Setup, _ configuration: Configuration) throws {
        defer { setup.forgetDaemon() }
        if setup.hasStartedDaemon == false {
            try printLines("The daemon goes on, because np init did not start it; np daemon stop ends it.")
            return
        }
        guard try DaemonProgram.stop(configuration) != nil else { return }
        try printLines("The daemon has ended; np daemon start starts it again.")
    }
}
