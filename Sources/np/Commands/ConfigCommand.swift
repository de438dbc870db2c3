// `np config`: which settings are in force, and where each comes from.

import ArgumentParser
import NeuraphageConfiguration
import NeuraphageEvents
import NeuraphagePresentation

struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Show the settings in force.",
        discussion: """
            Settings come from options, then from environment variables (NP_ and the key in capitals, such as \
            NP_EVENTS_ENABLED), then from the configuration file, then from the defaults.
            """,
        subcommands: [ConfigShowCommand.self, ConfigPathCommand.self],
        defaultSubcommand: ConfigShowCommand.self
    )
}

struct ConfigShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Print each setting, its value, and where it comes from, as TOML."
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var formatOptions: FormatOptions<ListFormat>

    func run() throws {
        let configuration = try global.configuration(for: .showing)
        try printLines(formatOptions.isJSON ? Self.json(configuration) : Self.text(configuration))
    }

    private static func text(_ configuration: Configuration) -> String {
        let lines = configuration.settings.map { setting, value, _ in "\(setting.key) = \(value.toml.visible)" }
        let width = lines.map(\.cells).max() ?? 0
        return zip(lines, configuration.settings).map { line, entry in
            line + line.padding(to: width + 2) + "# \(entry.origin.description.visible)"
        }.joined(separator: "\n")
    }

    private static func json(_ configuration: Configuration) -> String {
        let members = configuration.settings.map { setting, value, origin in
            (setting.key, ["value": value.json, "from": .string(origin.description)] as JSONValue)
        }
        return Payload(.object(members)).json.visibleJSON
    }
}

struct ConfigPathCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "path",
        abstract: "Print the path of the configuration file, whether it exists or not."
    )

    @OptionGroup var global: GlobalOptions

    func run() throws {
        let configuration = try global.configuration(for: .showing)
        try printLines(configuration.filePath)
        if !configuration.fileExists { complain("there is no such file yet; the defaults are in force") }
    }
}

extension SettingValue {
    fileprivate var json: JSONValue {
        switch self {
        case .text(let text): .string(text)
        case .number(let number): .integer(number)
        case .flag(let flag): .bool(flag)
        case .list(let items): .array(items.map { .string($0) })
        }
    }
}
