// What is remembered of a repository between two looks: where everything was, and which tasks have been told what. Lines
// of JSON: one for the repository, one for each worktree, then the events that are about to be published.

import NeuraphageEvents
import NeuraphageGit
import NeuraphageTasks

/// A repository as it was when it was last looked at.
struct RepositoryState: Equatable {
    /// A worktree as it was.
    struct Worktree: Equatable {
        /// When it was made: another one may have its name.
        var made: String?
        /// The task that it was called by whoever ran something in it, rather than by its branch or directory.
        var named: TaskID?
        var branch: String?
        /// The branch's commit.
        var tip: String?
        /// The main commit that the branch was last compared with. It stays behind while no branch is checked out.
        var main: String?
        /// Whether the branch had commits that main lacked.
        var isAhead = false
        /// Whether main has taken the branch in, and nothing has happened on it since.
        var isMerged = false
        /// How many commits the branch lacked of that.
        var behind = 0
        /// The main commit that the task was last told to rebase onto; `nil` once it has done so.
        var required: String?
        /// The event with which it was told so.
        var order: EventID?
        /// The stop of a rebase or merge that was told of.
        var conflict: String?
        /// How long the list of the branch's moves was.
        var history: Int?
    }

    /// Main's name.
    var branch: String?
    /// Where main is here and at the remote.
    var local: String?
    var remote: String?
    /// Where main is at the remote as the user's git last saw it, and as np last fetched it.
    var tracked: String?
    var fetched: String?
    /// Where main is, all in all; `nil` before the first look.
    var commit: String?
    /// The event that said so last.
    var update: EventID?
    /// What keeps main from being fetched, if something does and that was told.
    var fetchError: String?
    /// By git's names for them.
    var worktrees: [String: Worktree] = [:]
    /// Tasks' branches that are no longer checked out in the main worktree, where they began, and have not come into main.
    var left: [String: Worktree] = [:]
    /// Events that are to be published, or have been, if the log has them.
    var pending: [Event] = []
    /// Tasks that are over and may not have been told so.
    var ended: [TaskEnding] = []

    /// How far a worktree is behind main, as far as the last look has shown; `nil` if that isn't known.
    ///
    /// - Parameters:
    ///   - entry: git's name for the worktree.
    ///   - made: When it was made.
    func standing(of entry: String, made: String) -> RebaseStanding? {
        guard let main = commit, let known = worktrees[entry], known.made == nil || known.made == made,
            known.main == main
        else { return nil }
        return RebaseStanding(commitsBehind: known.behind, commit: main, update: update)
    }

    /// What is remembered of a worktree; `nil` if that was another one of the same name.
    func memory(of worktree: GitWorktree) -> Worktree? {
        guard let known = worktrees[worktree.name], known.made == nil || known.made == worktree.made else { return nil }
        return known
    }
}

// MARK: - As text

extension RepositoryState {
    /// The text as it stands in the file.
    var text: String {
        let repository: Payload = [
            "branch": .string(orNull: branch), "local": .string(orNull: local), "remote": .string(orNull: remote),
            "tracked": .string(orNull: tracked), "fetched": .string(orNull: fetched),
            "commit": .string(orNull: commit), "update": .string(orNull: update?.description),
            "fetch_error": .string(orNull: fetchError),
        ]
        let trees = worktrees.sorted { $0.key < $1.key }.map { name, worktree in
            let line: Payload = [
                "worktree": .string(name), "made": .string(orNull: worktree.made),
                "named": .string(orNull: worktree.named?.description),
                "branch": .string(orNull: worktree.branch), "tip": .string(orNull: worktree.tip),
                "main": .string(orNull: worktree.main),
                "ahead": .bool(worktree.isAhead), "merged": .bool(worktree.isMerged),
                "behind": .integer(worktree.behind), "required": .string(orNull: worktree.required),
                "order": .string(orNull: worktree.order?.description), "conflict": .string(orNull: worktree.conflict),
                "history": .string(orNull: worktree.history.map(String.init)),
            ]
            return line.json
        }
        let branches = left.sorted { $0.key < $1.key }.map { branch, known in
            let line: Payload = [
                "left": .string(branch), "tip": .string(orNull: known.tip), "main": .string(orNull: known.main),
                "ahead": .bool(known.isAhead),
            ]
            return line.json
        }
        let endings = ended.map { ending in
            let line: Payload = [
                "ended": .string(ending.worktree), "made": .string(orNull: ending.made),
                "task": .string(orNull: ending.task?.description),
                "merge": .string(orNull: ending.merge), "how": .string(orNull: ending.how),
                "branch": .string(orNull: ending.branch),
            ]
            return line.json
        }
        return ([repository.json] + trees + branches + endings + pending.map(\.description)).map { $0 + "\n" }.joined()
    }

    /// Reads the text; `nil` if it is not one of these, or was never finished.
    init?(_ text: String) {
        guard text.hasSuffix("\n") else { return nil }
        var lines = text.utf8.split(separator: UInt8(ascii: "\n")).lazy.map { String(Substring($0)) }.makeIterator()
        guard let first = lines.next(), let repository = try? Payload(json: first) else { return nil }
        branch = repository.string("branch")
        local = repository.string("local")
        remote = repository.string("remote")
        tracked = repository.string("tracked")
        fetched = repository.string("fetched")
        commit = repository.string("commit")
        update = repository.string("update").map { EventID($0) }
        fetchError = repository.string("fetch_error")
        while let line = lines.next() {
            guard let members = (try? Payload(json: line))?.membersByKey else { return nil }
            if let name = members["worktree"]?.string {
                worktrees[name] = Worktree(members)
            } else if let branch = members["left"]?.string {
                left[branch] = Worktree(members)
            } else if let name = members["ended"]?.string {
                ended.append(TaskEnding(of: name, members))
            } else if let event = try? Event(line: line) {
                pending.append(event)
            } else {
                return nil
            }
        }
    }
}

extension RepositoryState.Worktree {
    /// What a line says.
    fileprivate init(_ line: [String: Payload.Found]) {
        made = line["made"]?.string
        named = line["named"]?.string.map(TaskID.init(asWritten:))
        branch = line["branch"]?.string ?? line["left"]?.string
        tip = line["tip"]?.string
        main = line["main"]?.string
        isAhead = line["ahead"]?.text == "true"
        isMerged = line["merged"]?.text == "true"
        behind = line["behind"].flatMap { Int($0.text) } ?? 0
        required = line["required"]?.string
        order = line["order"]?.string.map { EventID($0) }
        conflict = line["conflict"]?.string
        history = line["history"]?.string.flatMap { Int($0) }
    }
}

extension TaskEnding {
    /// What a line says.
    fileprivate init(of worktree: String, _ line: [String: Payload.Found]) {
        self.init(
            worktree: worktree,
            made: line["made"]?.string,
            task: line["task"]?.string.map(TaskID.init(asWritten:)),
            merge: line["merge"]?.string,
            how: line["how"]?.string,
            branch: line["branch"]?.string
        )
    }
}
