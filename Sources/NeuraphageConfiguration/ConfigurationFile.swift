// The configuration file: TOML, read strictly. A typo must not switch an audit trail off, so what isn't known or isn't
// of the right type is an error that says where it stands and what it may have been meant to be.

import NeuraphageEvents
import NeuraphagePresentation
import TOMLKit

/// What a configuration file says.
struct ConfigurationFile {
    let path: String
    private(set) var values: [Setting: SettingValue] = [:]

    /// Reads the file; `nil` if there is none.
    init?(at path: String, home: String, in fileSystem: any FileSystem) throws(OperationError) {
        self.path = path
        guard let text = try Self.text(at: path, fileSystem) else { return nil }
        if let line = Self.lineWithBrokenHeader(in: text) {
            throw OperationError(.configuration, "\(path), line \(line): not TOML: this cannot be the name of a table")
        }
        let table: TOMLTable
        do {
            table = try TOMLTable(string: text)
        } catch let error as TOMLParseError {
            throw OperationError(.configuration, "\(path), \(error.source.begin): not TOML: \(error.description)")
        } catch {
            throw OperationError(.configuration, "\(path): not TOML: \(error)")
        }
        try read(table, under: "", home: home)
    }

    private static func text(at path: String, _ fileSystem: any FileSystem) throws(OperationError) -> String? {
        do throws(SystemError) {
            return try fileSystem.contents(of: path, atMost: 1 << 20)
        } catch {
            if error.isNoSuchFile { return nil }
            throw OperationError(.configuration, "cannot read the configuration file \(path): \(error)")
        }
    }

    /// The number of a line in which the name of a table begins with a character that begins none. The parser ends the
    /// process there instead of refusing it (toml++ 3.4, an assertion in `parse_key`).
    private static func lineWithBrokenHeader(in text: String) -> Int? {
        let lines = text.unicodeScalars.split(omittingEmptySubsequences: false) {
            ("\n"..."\r").contains($0) || $0 == "\u{85}" || $0 == "\u{2028}" || $0 == "\u{2029}"
        }
        let broken = lines.first { line in
            func isSpace(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isWhitespace || scalar == "\u{feff}" }
            var rest = line.drop(while: isSpace)
            guard rest.popFirst() == "[" else { return false }
            rest = rest.drop(while: isSpace)
            if rest.first == "[" { rest = rest.dropFirst().drop(while: isSpace) }
            guard let first = rest.first, first.isASCII else { return true }
            return !(Character(first).isLetter || Character(first).isNumber || "-_]\"'".unicodeScalars.contains(first))
        }
        return broken.map { line in text.unicodeScalars[..<line.startIndex].count { $0 == "\n" } + 1 }
    }

    private mutating func read(
        _ table: TOMLTable,
        under prefix: String,
        home: String
    ) throws(OperationError) {
        for key in table.keys.sorted() {
            let fullKey = prefix + key
            guard let value = table[key] else { continue }
            if let section = value.table {
                guard Setting.allCases.contains(where: { $0.key.hasPrefix(fullKey + ".") }) else {
                    throw unknown(fullKey)
                }
                try read(section, under: fullKey + ".", home: home)
                continue
            }
            guard let setting = Setting(rawValue: fullKey) else { throw unknown(fullKey) }
            guard let found = SettingValue(value)?.expandingHome(home, for: setting), found.isValid(for: setting) else {
                throw OperationError(.configuration, "\(path): \(fullKey) must be \(setting.expectation)")
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
    fileprivate init?(_ value: any TOMLValueConvertible) {
        if let text = value.string {
            self = .text(text)
        } else if let flag = value.bool {
            self = .flag(flag)
        } else if let number = value.int {
            self = .number(number)
        } else if let array = value.array {
            let items = array.compactMap(\.string)
            guard items.count == array.count else { return nil }
            self = .list(items)
        } else {
            return nil
        }
    }

    /// The value with `~/` replaced where a shell would have done it.
    fileprivate func expandingHome(_ home: String, for setting: Setting) -> SettingValue {
        func expanded(_ path: String) -> String { path.hasPrefix("~/") ? home + path.dropFirst() : path }
        return switch self {
        case .text(let path) where setting != .time: .text(expanded(path))
        case .list(let paths) where setting == .watch: .list(paths.map(expanded))
        default: self
        }
    }
}
