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

    /// The latest message for which it was woken.
    var message: EventID? {
        (try? files.contents(of: path, atMost: 100))?.split(separator: "\n").first.map { EventID(String($0)) }
    }

    func remember(_ message: EventID) {
        try? WholeFile.replace(path, with: message.description + "\n", in: files)
    }

    func forget() {
        try? files.remove(path)
        try? files.remove(lockPath)
    }
}
