// The effective settings and where each comes from: the option, else the environment, else the file, else the default.

package import NeuraphageEvents
package import NeuraphagePresentation
package import NeuraphageSystem

/// All settings as they are in force.
package struct Configuration: Sendable {
    /// Where a value comes from.
    package enum Origin: Hashable, Sendable, CustomStringConvertible {
        case standard
        case file(String)
        case environment(String)
        case option(String)

        package var description: String {
            switch self {
            case .standard: "default"
            case .file(let path): path
            case .environment(let variable): "$\(variable)"
            case .option(let name): name
            }
        }
    }

    /// What decides about the settings besides the defaults.
    package struct Inputs: Sendable {
        /// The file that was asked for.
        package var file: String?
        /// The data directory that was asked for.
        package var dataDirectory: String?
        package var environment: [String: String]
        package var workingDirectory: String

        package init(
            file: String? = nil,
            dataDirectory: String? = nil,
            environment: [String: String],
            workingDirectory: String
        ) {
            self.file = file
            self.dataDirectory = dataDirectory
            self.environment = environment
            self.workingDirectory = workingDirectory
        }
    }

    /// The file that is read, or would be if it existed.
    package let filePath: String
    package let fileExists: Bool
    /// What the environment says that np doesn't know, a sentence for each variable.
    package let remarks: [String]
    private let files: any FileSystem
    private var values: [Setting: (value: SettingValue, origin: Origin)]

    /// Reads the file and the environment.
    ///
    /// - Throws: ``OperationError`` if anything in them cannot be what was meant.
    package init(_ inputs: Inputs, in files: any FileSystem) throws(OperationError) {
        self.files = files
        let home = inputs.environment["HOME"] ?? ""
        filePath = inputs.file ?? Self.standardFilePath(inputs.environment, home: home)
        let file = try ConfigurationFile(at: filePath, home: home, in: files)
        if file == nil, let asked = inputs.file {
            throw OperationError(.configuration, "there is no configuration file \(asked)")
        }
        fileExists = file != nil
        remarks = UnknownVariable.all(in: inputs.environment).map(\.remark)
        values = Self.standard
        for (setting, value) in file?.values ?? [:] { values[setting] = (value, .file(filePath)) }
        try apply(environment: inputs)
        if let directory = inputs.dataDirectory {
            let absolute = directory.absolute(in: inputs.workingDirectory)
            values[.dataDirectory] = (.text(absolute), .option("--data-dir"))
        }
    }

    private mutating func apply(environment inputs: Inputs) throws(OperationError) {
        for setting in Setting.allCases {
            guard let text = inputs.environment[setting.variable], !text.isEmpty else { continue }
            let given = setting == .dataDirectory ? text.absolute(in: inputs.workingDirectory) : text
            guard let value = SettingValue(given, for: setting), value.isValid(for: setting) else {
                throw OperationError(
                    .configuration,
                    "the environment variable \(setting.variable) is '\(text)'",
                    hint: "it must be \(setting.expectation)"
                )
            }
            values[setting] = (value, .environment(setting.variable))
        }
    }

    /// `$XDG_CONFIG_HOME/neuraphage/neuraphage.toml`, that is `~/.config/neuraphage/neuraphage.toml`.
    private static func standardFilePath(_ environment: [String: String], home: String) -> String {
        let directory = environment["XDG_CONFIG_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? home + "/.config"
        return directory + "/neuraphage/neuraphage.toml"
    }

    private static var standard: [Setting: (value: SettingValue, origin: Origin)] {
        let log = EventLogConfig(path: EventLogConfig.fileName)
        let values: [Setting: SettingValue] = [
            .dataDirectory: .text(EventLogConfig.defaultDataDirectory),
            .time: .text("utc"),
            .eventsEnabled: .flag(log.isEnabled),
            .eventsPath: .text(log.path),
            .durability: .text(log.durability.description),
            .maxPayloadBytes: .number(log.maxPayloadBytes),
            .bufferBytes: .number(log.bufferBytes),
            .durableCustom: .list(log.durableCustom),
            .redact: .flag(log.redactsCredentials),
            .daemonSocket: .text(DataDirectory.socketName),
            .watch: .list([]),
            .fetchInterval: .text("1m"),
            .checks: .list([]),
            .record: .text("initialized"),
            .midturn: .text(NotificationChoice.messages.rawValue),
            .wake: .text(NotificationChoice.none.rawValue),
            .onWait: .text(desktopNotification),
            .onFailed: .text(""),
            .onLost: .text(""),
            .grace: .text("30s"),
        ]
        return values.mapValues { ($0, .standard) }
    }

    /// Shows an event on the desktop where there is a program for that. All of it is the title, which may hold no markup.
    private static let desktopNotification =
        #"if command -v notify-send >/dev/null; then notify-send -a np -- "${NP_EVENT_TASK:-np}: $NP_EVENT_TEXT"; fi"#

    /// Each setting with its value and origin, in the order of the file's documentation.
    package var settings: [(setting: Setting, value: SettingValue, origin: Origin)] {
        Setting.allCases.compactMap { setting in
            values[setting].map { (setting, $0.value, $0.origin) }
        }
    }
}

extension Configuration {
    package var dataDirectory: DataDirectory { DataDirectory(text(.dataDirectory), files: files) }

    /// The socket that the daemon answers on.
    package var socketPath: String { text(.daemonSocket).absolute(in: dataDirectory.path) }

    /// Whether times are shown and read in local time.
    package var usesLocalTime: Bool { text(.time) == "local" }

    /// The repositories that the daemon watches.
    package var watchedRepositories: [String] {
        if case .list(let paths)? = values[.watch]?.value { paths } else { [] }
    }

    /// The checks that the user has added to those that np knows in agents' commands.
    package var checks: [String] {
        if case .list(let names)? = values[.checks]?.value { names } else { [] }
    }

    /// Whether agents are recorded everywhere, not only in repositories that np was asked to record.
    package var recordsEverywhere: Bool { text(.record) == "all" }

    /// What an agent is given in the middle of a turn.
    package var midturn: NotificationChoice { NotificationChoice(rawValue: text(.midturn)) ?? .none }

    /// What wakes an agent that has stopped.
    package var wake: NotificationChoice { NotificationChoice(rawValue: text(.wake)) ?? .none }

    /// The command by which the user is told of an occasion, such as `on_wait`; `nil`: none.
    package func alertCommand(_ occasion: String) -> String? {
        let command = Setting(rawValue: "notify." + occasion).map(text) ?? ""
        return command.isEmpty ? nil : command
    }

    /// How long a wait goes on before the user is told of it.
    package var alertGrace: Duration {
        let text = text(.grace)
        return text == "0" ? .zero : TimeExpression.duration(text) ?? .zero
    }

    /// How often main is fetched from the remote of a repository that is watched; `nil`: never.
    package var fetchInterval: Duration? {
        let text = text(.fetchInterval)
        return text == "0" ? nil : TimeExpression.duration(text)
    }

    /// Where and how events are logged.
    package var log: EventLogConfig {
        var config = EventLogConfig(path: text(.eventsPath).absolute(in: dataDirectory.path))
        if case .flag(let isEnabled)? = values[.eventsEnabled]?.value { config.isEnabled = isEnabled }
        if let durability = Durability(text(.durability)) { config.durability = durability }
        if case .number(let bytes)? = values[.maxPayloadBytes]?.value { config.maxPayloadBytes = bytes }
        if case .number(let bytes)? = values[.bufferBytes]?.value { config.bufferBytes = bytes }
        if case .list(let names)? = values[.durableCustom]?.value { config.durableCustom = names }
        if case .flag(let redacts)? = values[.redact]?.value { config.redactsCredentials = redacts }
        return config
    }

    private func text(_ setting: Setting) -> String {
        if case .text(let text)? = values[setting]?.value { text } else { "" }
    }
}
