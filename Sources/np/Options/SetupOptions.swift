// What np init and np uninit have in common: whose settings, which np, and what they say of what they leave as it is.

import NeuraphageAgents
import NeuraphageConfiguration
import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageSystem

extension GlobalOptions {
    /// Sets up with this np, for this person and data directory.
    ///
    /// - Parameter asksVersions: Whether to ask the agents that are installed for their versions, which takes a while.
    func setup(_ configuration: Configuration, asksVersions: Bool) throws -> Setup {
        let inputs = Configuration.Inputs.ofThisProcess(file: config, dataDirectory: dataDir)
        let surroundings = try Surroundings(environment: inputs.environment, in: configuration.dataDirectory.files)
        return Setup(
            in: configuration.dataDirectory,
            surroundings: surroundings,
            np: try InstalledProgram(
                path: surroundings.lastingPath(of: OwnExecutable.path),
                options: installedOptions(configuration, inputs)
            ),
            versions: asksVersions ? AgentVersion.ask(surroundings) : [:],
            wakesAgents: configuration.wake != .none
        )
    }

    /// The options that hooks and services need, because they are run with another environment than this: those by which
    /// the log or the configuration is elsewhere than it would be without any.
    private func installedOptions(_ configuration: Configuration, _ inputs: Configuration.Inputs) -> [String] {
        var options: [String] = []
        let home = inputs.environment["HOME"] ?? ""
        let isUsual = configuration.dataDirectory.path == home + "/.local/share/neuraphage"
        switch configuration.settings.first(where: { $0.setting == .dataDirectory })?.origin {
        case .file: break
        // The default depends on $XDG_DATA_HOME, and the file may say something else than an option or a variable.
        case .standard where isUsual, nil: break
        case .environment where isUsual && !configuration.fileExists: break
        case .option where isUsual && !configuration.fileExists: break
        default: options += ["--data-dir", configuration.dataDirectory.path]
        }
        if config != nil || configuration.fileExists,
            configuration.filePath != home + "/.config/neuraphage/neuraphage.toml"
        {
            options += ["--config", configuration.filePath.absolute(in: inputs.workingDirectory)]
        }
        return options
    }
}
