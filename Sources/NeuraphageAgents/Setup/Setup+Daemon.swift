// The daemon that np init started, so that np uninit ends that one and no other: a daemon that its user has started, before or
// since, goes on.

import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageSystem

extension Setup {
    private static let longestSession = 256

    /// Notes that np init has started the daemon of this session. If that cannot be, np uninit leaves it running.
    package func rememberDaemon(session: String?) {
        guard let session else { return }
        try? WholeFile.replace(directory.startedDaemon, with: session + "\n", in: directory.files)
    }

    /// Forgets it.
    package func forgetDaemon() {
        try? directory.files.remove(directory.startedDaemon)
    }

    /// Whether np init has started the daemon that lives now; `nil` if none does.
    package var hasStartedDaemon: Bool? {
        guard let session = DaemonLock.livingSession(in: directory) else { return nil }
        let text = try? directory.files.contents(of: directory.startedDaemon, atMost: Self.longestSession)
        return text.map { $0 == session + "\n" } ?? false
    }
}
