// A value as TOML knows it, checked against what its setting must be.

import NeuraphageEvents
import NeuraphagePresentation

/// The value of a setting.
package enum SettingValue: Hashable, Sendable {
    case text(String)
    case number(Int)
    case flag(Bool)
    case list([String])

    /// The value that an environment variable or an option gives the setting; `nil` if it cannot be one.
    init?(_ text: String, for setting: Setting) {
        switch setting {
        case .dataDirectory, .time, .eventsPath, .durability, .daemonSocket, .fetchInterval, .record, .midturn, .wake,
            .onWait, .onFailed, .onLost, .grace:
            self = .text(text)
        case .eventsEnabled, .redact:
            guard let flag = Bool(text) else { return nil }
            self = .flag(flag)
        case .maxPayloadBytes, .bufferBytes:
            guard let number = Int(text) else { return nil }
            self = .number(number)
        case .durableCustom, .watch, .checks:
            self = .list(text.split(separator: ",").map { $0.trimmingSpaces })
        }
    }

    /// Whether this may be the value of the setting.
    func isValid(for setting: Setting) -> Bool {
        switch (setting, self) {
        case (.dataDirectory, .text(let path)): path.hasPrefix("/")
        case (.time, .text(let zone)): zone == "utc" || zone == "local"
        case (.eventsEnabled, .flag), (.redact, .flag): true
        case (.eventsPath, .text(let path)), (.daemonSocket, .text(let path)): !path.isEmpty
        case (.durability, .text(let text)): Durability(text) != nil
        case (.maxPayloadBytes, .number(let bytes)): Payload.leastLimit...Payload.greatestLimit ~= bytes
        case (.bufferBytes, .number(let bytes)): bytes >= 0
        case (.durableCustom, .list(let names)), (.checks, .list(let names)): !names.contains("")
        case (.onWait, .text(let command)), (.onFailed, .text(let command)), (.onLost, .text(let command)):
            !command.utf8.contains(0)
        case (.grace, .text(let text)):
            text == "0" || TimeExpression.duration(text).map { .zero...(.seconds(3_600)) ~= $0 } ?? false
        case (.record, .text(let scope)): scope == "initialized" || scope == "all"
        case (.midturn, .text(let choice)), (.wake, .text(let choice)): NotificationChoice(rawValue: choice) != nil
        case (.watch, .list(let paths)): paths.allSatisfy { $0.hasPrefix("/") }
        case (.fetchInterval, .text(let text)):
            text == "0" || TimeExpression.duration(text).map { .seconds(1)...(.seconds(86_400)) ~= $0 } ?? false
        default: false
        }
    }

    /// The value as it is written in TOML.
    package var toml: String {
        switch self {
        case .text(let text): Self.quoted(text)
        case .number(let number): String(number)
        case .flag(let flag): String(flag)
        case .list(let items): "[" + items.map(Self.quoted).joined(separator: ", ") + "]"
        }
    }

    /// A basic string (TOML 1.0, "String"): quotes, backslashes and controls are escaped.
    private static func quoted(_ text: String) -> String {
        let escaped = text.unicodeScalars.map { scalar in
            switch scalar {
            case "\"", "\\": return "\\\(scalar)"
            case _ where scalar.value < 0x20 || scalar.value == 0x7f:
                let digits = String(scalar.value, radix: 16)
                return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: return String(scalar)
            }
        }
        return "\"" + escaped.joined() + "\""
    }
}

extension Substring {
    fileprivate var trimmingSpaces: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
