// What is ours in a file, and what is somebody else's. Only what is surely ours is ever taken out: entries that run np,
// lines that a record tells of, and files that are byte for byte what np writes.

import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageSystem
import NeuraphageTasks

extension Setup {
    /// Whether a file holds anything of ours.
    ///
    /// - Throws: ``OperationError`` if that can't be told.
    func holdsOurs(_ part: SetupPart, _ contents: FileContents, at path: String) throws(OperationError) -> Bool {
        switch part {
        case .hook: hook.isOurs(contents.bytes)
        case .login: service.isOurs(contents.bytes)
        case .exclude: false
        case .claude: try !AgentSettings(contents.bytes, of: path).events(running: hooks(of: .claude)).isEmpty
        case .codex: try !AgentSettings(contents.bytes, of: path).events(running: hooks(of: .codex)).isEmpty
        }
    }

    /// Who has written a file that np makes as a whole.
    enum Author {
        case np
        /// Somebody has edited what np had made: whose a line is can't be told.
        case npAndSomebody
        case somebody
    }

    /// Who has written a file where np makes one as a whole.
    ///
    /// - Parameter record: What is remembered of it.
    func author(of contents: FileContents, _ part: SetupPart, _ record: SetupRecord?) -> Author {
        if contents.bytes == record?.installed.bytes { return .np }
        let (isOurs, isUnedited) =
            part == .hook
            ? (hook.isOurs(contents.bytes), hook.isUnedited(contents.bytes))
            : (service.isOurs(contents.bytes), service.isUnedited(contents.bytes))
        return isUnedited ? .np : isOurs ? .npAndSomebody : .somebody
    }

    /// A file without what is ours; `nil` if nothing is left of it.
    ///
    /// - Parameter original: What it was, if that is known.
    /// - Throws: ``OperationError`` if it can't be told what is ours.
    func without(
        ours part: SetupPart,
        in contents: FileContents,
        like original: FileContents?,
        at path: String
    ) throws(OperationError) -> FileContents? {
        switch part {
        case .hook, .login: return try holdsOurs(part, contents, at: path) ? nil : contents
        case .exclude: return contents
        case .claude, .codex:
            var settings = try AgentSettings(contents.bytes, of: path)
            let before = try AgentSettings(original?.bytes ?? [], of: path)
            for hooks in allHooks(of: part == .claude ? .claude : .codex) { settings.remove(hooks, like: before) }
            if original == nil, settings.isEmpty { return nil }
            return FileContents(bytes: settings.bytes, permissions: contents.permissions)
        }
    }

    /// A file without what we made of it, as its record tells; `nil` if nothing is left of it.
    func withoutOurs(_ current: FileContents, _ record: SetupRecord) throws(OperationError) -> FileContents? {
        guard record.part == .exclude else {
            return try without(ours: record.part, in: current, like: record.original, at: record.path)
        }
        let lines = String(decoding: record.installed.bytes, as: UTF8.self).split(separator: "\n").map(String.init)
        let ours = lines.filter { !ExcludeLines.has($0, record.original?.bytes ?? []) }
        return FileContents(
            bytes: ExcludeLines.removing(ours, from: current.bytes),
            permissions: current.permissions
        )
    }
}
