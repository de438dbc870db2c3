// What a file was before we changed it, and what we made of it. It is written before the file is: a process that is
// killed in between leaves a record of something that was not done, which costs nothing, and never the contrary.

import NeuraphageEvents
import NeuraphageSystem
import NeuraphageTasks

/// What is remembered of a file that was changed.
struct SetupRecord: Hashable, Sendable {
    /// Which part of the setup the file belongs to.
    let part: SetupPart
    /// The file itself, not a link to it.
    let path: String
    /// The repositories that the change was made for. When the last one is taken back, the file is.
    var repositories: [String]
    /// The directories that were made for it, the innermost first.
    var directories: [String]
    /// What the file was; `nil` if there was none.
    var original: FileContents?
    /// What we made of it.
    var installed: FileContents
}

extension SetupRecord {
    /// The record as a line of JSON. Files need not be UTF-8: each byte is a character of its number.
    var line: String {
        let payload: Payload = [
            "part": .string(part.rawValue), "path": .string(path),
            "repositories": .array(repositories.map { .string($0) }),
            "directories": .array(directories.map { .string($0) }),
            "original": Self.value(original), "installed": Self.value(installed),
        ]
        return payload.json
    }

    /// The record that a line tells of; `nil` if it is none.
    init?(line: some StringProtocol) {
        guard let payload = try? Payload(json: String(line)),
            let part = payload["part"].flatMap({ SetupPart(rawValue: $0.text) }),
            case .string(let path)? = payload["path"],
            let installed = Self.contents("installed", payload)
        else { return nil }
        self.part = part
        self.path = path
        repositories = payload.strings(at: "repositories")
        directories = payload.strings(at: "directories")
        original = Self.contents("original", payload)
        self.installed = installed
    }

    private static func value(_ contents: FileContents?) -> JSONValue {
        guard let contents else { return .null }
        var text = ""
        for byte in contents.bytes { text.unicodeScalars.append(Unicode.Scalar(byte)) }
        return ["mode": .integer(contents.permissions), "bytes": .string(text)]
    }

    private static func contents(_ key: String, _ payload: Payload) -> FileContents? {
        guard case .string(let text)? = payload.value(at: [key, "bytes"]),
            let mode = payload.value(at: [key, "mode"]).flatMap({ UInt32($0.text) })
        else { return nil }
        return FileContents(bytes: text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }, permissions: mode)
    }
}

/// What is set up.
package enum SetupPart: String, CaseIterable, Sendable {
    case hook
    case exclude
    case claude
    case codex
    case login

    /// What people call it.
    package var title: String {
        switch self {
        case .hook: "git hook"
        case .exclude: "git exclude"
        case .claude: Agent.claude.title
        case .codex: Agent.codex.title
        case .login: "daemon at login"
        }
    }

    /// The settings of an agent.
    init(_ agent: Agent) { self = agent == .claude ? .claude : .codex }

    /// The agent whose settings it is.
    var agent: Agent? {
        switch self {
        case .claude: .claude
        case .codex: .codex
        case .hook, .exclude, .login: nil
        }
    }

    /// Whether the whole file is np's, rather than some entries in a file of somebody else's.
    var isWholeFile: Bool { self == .hook || self == .login }

    /// Whether it belongs to the person rather than to a repository.
    var isPersonal: Bool { self != .hook && self != .exclude }
}
