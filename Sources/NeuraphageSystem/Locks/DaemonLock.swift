// Who is the daemon of a data directory: the process that holds the lock on a file in it. The kernel releases the lock when
// the process ends, however it ends, so neither a pid nor anything else in a file decides.
//
// What the file holds tells how the last daemon ended: its session's id while it serves, nothing once it has ended in
// order.

import NeuraphageEvents
package import NeuraphagePresentation

/// The right to be the daemon of a data directory, while it lives.
package final class DaemonLock: Sendable {
    /// How the daemon before this one ended.
    package enum Previous: String, Sendable {
        case clean, unclean, none
    }

    private static let longestSession = 256
    /// How long to wait for processes that only look whether a daemon lives, in ns. Each of them is done in a moment.
    private static let patienceWithLooks: UInt64 = 50_000_000

    package let previous: Previous
    private let lock: LockFile

    /// Takes the lock.
    ///
    /// - Returns: `nil` if a daemon has it.
    package init?(in directory: DataDirectory) throws(OperationError) {
        let path = directory.daemonLock
        let isFirst = !directory.files.exists(path)
        guard let lock = try LockFile.take(path, patience: Self.patienceWithLooks, in: directory.files) else {
            return nil
        }
        let session = (try? lock.text(atMost: Self.longestSession)) ?? ""
        previous = !session.isEmpty ? .unclean : isFirst ? .none : .clean
        self.lock = lock
    }

    /// Notes that this session serves.
    package func begin(session: String) {
        try? lock.store(session + "\n")
    }

    /// Notes that the session has ended in order.
    package func end() {
        try? lock.store("")
    }

    // MARK: - Seen from outside

    /// Whether a daemon is seen to live in a data directory, answering or not.
    package static func isHeld(in directory: DataDirectory) -> Bool {
        (try? LockFile.isHeld(directory.daemonLock, in: directory.files)) ?? false
    }

    /// Whether the last daemon of a data directory has ended in order.
    package static func hasEndedInOrder(in directory: DataDirectory) -> Bool {
        (try? directory.files.contents(of: directory.daemonLock, atMost: longestSession))?.isEmpty ?? false
    }

    /// The session of the daemon that lives in a data directory, answering or not; `nil` if none does.
    package static func livingSession(in directory: DataDirectory) -> String? {
        // The file is empty when a daemon has ended in order; only otherwise is the lock worth a try.
        guard let text = try? directory.files.contents(of: directory.daemonLock, atMost: longestSession), !text.isEmpty,
            isHeld(in: directory)
        else { return nil }
        return String(text.prefix { $0 != "\n" })
    }
}
