// What a task knows of main: it is told once that it is behind, and not again before it has read that.

package import NeuraphageEvents
import NeuraphageProjections
package import NeuraphageSystem

/// How far a task is behind main, as it was when its repository was last looked at.
package struct RebaseStanding: Hashable, Sendable {
    /// How many commits its branch lacks.
    package let commitsBehind: Int
    /// Where main was.
    package let commit: String
    /// The `MainUpdated` that brought it there; `nil` if that was before np was there.
    package let update: EventID?

    package init(commitsBehind: Int, commit: String, update: EventID?) {
        self.commitsBehind = commitsBehind
        self.commit = commit
        self.update = update
    }

    /// What the log is told of it with a message that was read.
    package var members: [(String, JSONValue)] {
        [
            ("commits_behind", .integer(commitsBehind)), ("upto", .string(orNull: update?.description)),
            ("commit", .string(commit)),
        ]
    }
}

/// What has become of the order to rebase that a task was given last.
package enum RebaseNotice: Hashable, Sendable {
    /// It has not been read.
    case unread
    /// It was read, and with it where main was then; `nil` if it was read without that.
    case read(commit: String?)
    /// It was overtaken, or its task has ended, or it was read long ago.
    case gone

    /// How much of the log is read to find out, from its end backward.
    private static let mostBytes = 16 << 20

    /// What has become of some tasks' orders.
    ///
    /// - Throws: `EventLogError` if the log cannot be read.
    package static func fates(
        of orders: [TaskID: EventID],
        logPath: String,
        in directory: DataDirectory
    ) throws -> [TaskID: RebaseNotice] {
        guard !orders.isEmpty else { return [:] }
        let store = ProjectionStore(ofLogAt: logPath, in: directory)
        let folded = try store.folded(Inboxes.self, of: Set(orders.keys.map(\.description)), writing: true)
        var fates: [TaskID: RebaseNotice] = [:]
        for (task, order) in orders {
            let unread = folded.parts[task.description]?.events ?? []
            fates[task] = unread.contains { $0.id == order } ? .unread : .gone
        }
        var sought = orders.filter { fates[$0.key] == .gone }
        guard !sought.isEmpty else { return fates }
        let filter = EventFilter(kinds: [KindPattern([Reading.kind])], tasks: Set(sought.keys))
        try LoggedFacts(inLogAt: logPath, directory.files).visit(filter, readingAtMost: mostBytes) { event in
            guard let task = event.source, let reading = Reading(event), sought[task] == reading.notification else {
                return true
            }
            sought[task] = nil
            fates[task] = .read(commit: event.payload.string("commit"))
            return !sought.isEmpty
        }
        return fates
    }

    /// Whether a task that is behind is to be told so.
    ///
    /// - Parameter main: Where main is now.
    package static func isDue(after fate: RebaseNotice?, main: String) -> Bool {
        switch fate {
        case .unread: false
        case .read(let commit): commit != main
        case .gone, nil: true
        }
    }
}
