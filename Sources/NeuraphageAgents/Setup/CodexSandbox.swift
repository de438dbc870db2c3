// What Codex's sandbox keeps an agent from. np's data directory is not among those in which its commands may write, so that
// np emit, np lock, and np inbox --ack fail there unless the agent asks for each. Codex's configuration is its user's, and Codex
// writes it, too: np says what to put there, and puts nothing.

import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageSystem
import NeuraphageTasks

/// Where commands may write in Codex's sandbox.
struct CodexSandbox {
    private static let table = "sandbox_workspace_write"
    private static let key = "writable_roots"

    /// Whether there is a sandbox in which commands may write somewhere.
    private let isOn: Bool
    /// Whether the file has the table of settings.
    private let hasTable: Bool
    /// Directories that the user has added; `nil` if the setting isn't there.
    private let roots: [String]?

    /// - Parameter configuration: The text of Codex's `config.toml`. One that cannot be read says nothing.
    init(configuration: String) {
        let values = (try? TOMLText(configuration))?.values ?? [:]
        isOn = ![.text("danger-full-access"), .text("read-only")].contains(values[["sandbox_mode"]])
        hasTable = values.keys.contains { $0.first == Self.table }
        guard case .list(let entries)? = values[[Self.table, Self.key]] else {
            roots = nil
            return
        }
        roots = entries.compactMap { if case .text(let path) = $0 { path } else { nil } }
    }

    /// What to change in the file so that commands may write in a directory, in lines; nothing if they may.
    func change(toWriteIn directory: String) -> [String] {
        let isIn = roots?.contains { root in
            let root = root.hasSuffix("/") ? String(root.dropLast()) : root
            return directory == root || directory.hasPrefix(root + "/")
        }
        if !isOn || isIn ?? false { return [] }
        let text = AgentHooks.string(directory)
        if roots != nil { return ["add \(text) to \(Self.key) in [\(Self.table)]"] }
        if hasTable { return ["add \(Self.key) = [\(text)] to [\(Self.table)]"] }
        return ["[\(Self.table)]", "\(Self.key) = [\(text)]"]
    }
}

extension Setup {
    /// How the user can let what Codex runs in its sandbox write np's files, in lines; nothing if that is so.
    package var codexSandboxAdvice: [String] {
        let path = Agent.codex.settingsFile(surroundings).parentDirectory + "/config.toml"
        let text = (try? files.read(path)).flatMap(\.self).map { String(decoding: $0.bytes, as: UTF8.self) } ?? ""
        let change = CodexSandbox(configuration: text).change(toWriteIn: directory.path)
        if change.isEmpty { return [] }
        let reason =
            "What Codex runs in its sandbox cannot write np's files. To let it run np emit, np lock, and np inbox --ack "
            + "without asking you, change \(path); it can change the log then, too:"
        return [reason] + change.map { "    " + $0 }
    }
}
