// What np init and np uninit have in common: whose settings, which np, and what they say of what they leave as it is.

import NeuraphageConfiguration
import NeuraphageCoordination
import NeuraphageEvents

extension GlobalOptions {
    /// Sets up with this np, for this person and data directory.
    func setup(_ configuration: Configuration) throws -> Setup {
        let inputs = Configuration.Inputs.ofThisProcess(file: config, dataDirectory: dataDir)
        let surroundings = try Surroundings(environment: inputs.environment)
        return Setup(
            dataDirectory: configuration.dataDirectory,
            surroundings: surroundings,
            np: try InstalledProgram(
                path: surroundings.lastingPath(of: OwnExecutable.path),
                options: installedOptions(configuration, inputs)
            )
        )
    }

    /// The options that hooks and services need, because they are run with another environment than this: those by which
    /// the log or the configuration is elsewhere than it would be without any.
    private func installedOptions(_ configuration: Configuration, _ inputs: Configuration.Inputs) -> [String] {
        var options: [String] = []
        let home = inputs.environment["HOME"] ?? ""
        let isUsual = configuration.dataDirectory == home + "/.local/share/neuraphage"
        switch configuration.settings.first(where: { $0.setting == .dataDirectory })?.origin {
        case .file: break
        // The default depends on $XDG_DATA_HOME, and the file may say something else than an option or a variable.
        case .standard where isUsual, nil: break
        case .environment where isUsual && !configuration.fileExists: break
        case .option where isUsual && !configuration.fileExists: break
        default: options += ["--data-dir", configuration.dataDirectory]
        }
        if config != nil || configuration.fileExists,
            configuration.filePath != home + "/.config/neuraphage/neuraphage.toml"
        {
            options += ["--config", configuration.filePath.absolute(in: inputs.workingDirectory)]
        }
        return options
    }
}

/// Says what is left as it is, and what a person can do instead.
func complain(about refusals: [SetupRefusal]) {
    for refusal in refusals {
        complain("\(refusal.part.title): \(refusal.reason)")
        guard !refusal.byHand.isEmpty else { continue }
        let lines = ["or add the hooks by hand:"] + refusal.byHand
        writeToStandardError(lines.map { "    \($0.visible)\n" }.joined())
    }
}

extension String {
    /// The path, which is relative to `directory` unless it is absolute.
    func absolute(in directory: String) -> String {
        if hasPrefix("/") { return self }
        return directory.hasSuffix("/") ? directory + self : directory + "/" + self
    }
}
