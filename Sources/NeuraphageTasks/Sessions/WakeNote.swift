// For what an agent's session was woken, and the lock under which one process at a time waits beside it.

import NeuraphageEvents
import NeuraphageSystem

/// What is remembered of waking a session.
struct WakeNote {
    private let path: String
    private let files: any FileSystem
    /// Held by the process that waits until the session should be woken.
    let lockPath: String

    init(of session: AgentSession, in directory: DataDirectory) {
        path = directory.agents + "/" + DataDirectory.RecordPrefix.woken + session.fileName
        lockPath = directory.agents + "/" + DataDirectory.RecordPrefix.waker + session.fileName
        files = directory.files
    }

    /// Whether this is the latest message for which it was woken.
    func names(_ message: EventID) -> Bool {
        (try? files.contents(of: path, atMost: 100)) == Self.text(message)
    }

    func remember(_ message: EventID) throws(SystemError) {
        try WholeFile.replace(path, with: Self.text(message), in: files)
    }

    /// An id may be any text, of any length.
    private static func text(_ message: EventID) -> String { StableHash.name(of: message.description) + "\n" }

    func forget() {
        try? files.remove(path)
        try? files.remove(lockPath)
    }
}
