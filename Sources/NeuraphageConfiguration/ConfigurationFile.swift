// The configuration file: TOML, read strictly. A typo must not switch an audit trail off, so what isn't known or isn't
// of the right type is an error that says where it stands and what it may have been meant to be.

import NeuraphageEvents
import NeuraphagePresentation

/// What a configuration file says.
struct ConfigurationFile {
    let path: String
    private(set) var values: [Setting: SettingValue] = [:]

    /// Reads the file; `nil` if there is none.
    init?(at path: String, home: String, in fileSystem: any FileSystem) throws(OperationError) {
        self.path = path
        guard let text = try Self.text(at: path, fileSystem) else { return nil }
        let toml: TOMLText
        do throws(TOMLError) {
            toml = try TOMLText(text)
        } catch {
            throw OperationError(.configuration, "\(path), \(error)")
        }
        try read(toml, home: home)
    }

    private static func text(at path: String, _ fileSystem: any FileSystem) throws(OperationError) -> String? {
        do throws(SystemError) {
            return try fileSystem.contents(of: path, atMost: 1 << 20)
        } catch {
            if error.isNoSuchFile { return nil }
            throw OperationError(.configuration, "cannot read the configuration file \(path): \(error)")
        }
    }

    private mutating func read(_ toml: TOMLText, home: String) throws(OperationError) {
        let paths = toml.tables.union(toml.values.keys).sorted { $0.lexicographicallyPrecedes($1) }
        for path in paths {
            let key = path.joined(separator: ".")
            for length in stride(from: 1, through: path.count - (toml.values[path] == nil ? 0 : 1), by: 1) {
                let section = path.prefix(length).joined(separator: ".")
                guard Setting.allCases.contains(where: { $0.key.hasPrefix(section + ".") }) else {
                    throw unknown(section)
                }
            }
            guard let value = toml.values[path] else { continue }
            guard let setting = Setting(rawValue: key) else { throw unknown(key) }
            guard let found = SettingValue(value)?.expandingHome(home, for: setting), found.isValid(for: setting) else {
                throw OperationError(.configuration, "\(self.path): \(key) must be \(setting.expectation)")
            }
            values[setting] = found
        }
    }

    private func unknown(_ key: String) -> OperationError {
        let last = { (key: String) in key.split(separator: ".").last.map(String.init) ?? key }
        let distances = Setting.allCases.map { setting in
            (
                key: setting.key,
                distance: min(editDistance(key, setting.key), editDistance(last(key), last(setting.key)))
            )
        }
        let nearest = distances.min { $0.distance < $1.distance }
        let hint =
            nearest.flatMap { $0.distance <= max(2, last(key).count / 3) ? "did you mean \($0.key)?" : nil }
            ?? "keys are \(Setting.allCases.map(\.key).joined(separator: ", "))"
        return OperationError(.configuration, "\(path): there is no setting \(key)", hint: hint)
    }
}

extension SettingValue {
    /// The value as the file has it; `nil` if it is of a type that no setting has.
    fileprivate init?(_ value: TOMLValue) {
        switch value {
        case .text(let text): self = .text(text)
        case .flag(let flag): self = .flag(flag)
        case .number(let number): self = .number(number)
        case .list(let values):
            let items = values.compactMap { value in if case .text(let text) = value { text } else { nil } }
            guard items.count == values.count else { return nil }
            self = .list(items)
        case .other: return nil
        }
    }

    /// The value with `~/` replaced where a shell would have done it.
    fileprivate func expandingHome(_ home: String, for setting: Setting) -> SettingValue {
        func expanded(_ path: String) -> String { path.hasPrefix("~/") ? home + path.dropFirst() : path }
        return switch self {
        case .text(let path) where [.dataDirectory, .eventsPath, .daemonSocket].contains(setting): .text(expanded(path))
        case .list(let paths) where setting == .watch: .list(paths.map(expanded))
        default: self
        }
    }
}
