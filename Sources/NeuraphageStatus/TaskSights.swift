// What is seen of all tasks now: the records of the ledger, what git's files and the last looks say of the repositories, and
// processes. Nothing is written, published, or settled, and no process is started, so that asking changes nothing and costs
// little. How far branches are behind main is as old as the last look: only a look may tell the log that main has moved, and
// the daemon is there for that.

package import NeuraphageEvents
import NeuraphageGit
package import NeuraphageSystem
package import NeuraphageTasks
package import NeuraphageWatching

/// What is seen of the tasks of a data directory.
package struct TaskSights: Sendable {
    package let time: Timestamp
    package let repositories: [RepositorySight]
    package let work: OpenWork
    /// Linked worktrees that have no name yet.
    package private(set) var unnamed: [TaskStatus.Place] = []
    private var tasks: [TaskID: TaskSight] = [:]
    /// The main checkouts, which are tasks only if anything works there.
    private var checkouts: [TaskID: [TaskStatus.Place]] = [:]

    /// Looks.
    package init(in directory: DataDirectory, at now: Timestamp = .now) {
        time = now
        work = OpenWork(in: directory)
        let names = PlaceNames(in: directory)
        let initialized = InitializedRepositories(configured: [], in: directory)
        let watched = ((try? WatchList(in: directory).paths) ?? []).map(initialized.commonDirectory)
        let known = names.named.map(\.commonDirectory) + work.tasks.map(\.git) + watched
        let open = work
        repositories = Set(known).subtracting([""]).sorted().compactMap {
            RepositorySight(of: $0, open, names, in: directory, at: now)
        }
        addPlaces()
        addGonePlaces(names)
        addSessions(in: directory)
        addRuns()
        addLocks(directory.files)
    }

    /// The tasks of which anything is seen.
    package var all: Set<TaskID> { Set(tasks.keys) }

    /// Whether a worktree has this name, although nothing may have begun there.
    package func isPlace(_ task: TaskID) -> Bool { self[task].places.contains { !$0.isGone } }

    /// What is seen of a task.
    package subscript(task: TaskID) -> TaskSight {
        var sight = tasks[task] ?? TaskSight()
        sight.places += checkouts[task] ?? []
        return sight
    }

    private mutating func change(_ task: TaskID, _ body: (inout TaskSight) -> Void) {
        body(&tasks[task, default: TaskSight()])
    }

    // MARK: - Places

    private mutating func addPlaces() {
        for repository in repositories {
            for worktree in repository.worktrees {
                var place = TaskStatus.Place(
                    repository: repository.path,
                    worktree: worktree.directory,
                    branch: worktree.branch
                )
                (place.behind, place.seen) = (worktree.behind, repository.seen)
                (place.isAway, place.isMerged) = (worktree.isAway, worktree.isMerged)
                (place.command, place.commandSince) = (worktree.command?.name, worktree.command?.since)
                if let task = worktree.task {
                    if worktree.place.entry.isEmpty {
                        checkouts[task, default: []].append(place)
                    } else {
                        change(task) { $0.places.append(place) }
                    }
                } else if !worktree.place.entry.isEmpty {
                    unnamed.append(place)
                }
            }
        }
    }

    /// Adds the worktrees of tasks that git has forgotten. Of a repository that isn't seen nothing is concluded.
    private mutating func addGonePlaces(_ names: PlaceNames) {
        let there = Set(repositories.flatMap { $0.worktrees.map(\.place) })
        let paths = Dictionary(repositories.map { ($0.id, $0.path) }) { first, _ in first }
        var gone: [TaskID: TaskStatus.Place] = [:]
        for open in work.tasks {
            guard let place = open.place, !there.contains(place), let path = paths[place.repository] else { continue }
            var known = TaskStatus.Place(repository: path, worktree: open.directory.isEmpty ? nil : open.directory)
            known.isGone = true
            gone[open.task] = known
        }
        for named in names.named where !there.contains(named.place) {
            guard let path = paths[named.place.repository] else { continue }
            let task = named.given ?? named.name
            guard gone[task] == nil, tasks[task] == nil else { continue }
            var known = TaskStatus.Place(repository: path, worktree: named.directory)
            known.isGone = true
            checkouts[task, default: []].append(known)
        }
        for (task, place) in gone where tasks[task]?.places.isEmpty ?? true {
            change(task) { $0.places.append(place) }
        }
    }

    // MARK: - What has begun

    private mutating func addSessions(in directory: DataDirectory) {
        let files = directory.files
        let sessions = AgentSessions(in: directory)
        let boot = BootClock.now
        let waits = Dictionary(grouping: work.waits, by: \.session)
        for open in work.sessions {
            guard let task = open.task else { continue }
            let presence = open.process.map { TaskStatus.Agent.Presence($0.presence(in: files)) } ?? .unknown
            var session = TaskSight.Session(
                open.session.agent.rawValue,
                open.session.id,
                begin: open.begin,
                began: open.began,
                presence: presence
            )
            session.pid = open.process.map { Int($0.id) }
            session.turn = sessions.turn(of: open.session).map { turn in
                var seen = TaskSight.Turn(begin: turn.begin, hasEnded: turn.hasEnded)
                (seen.began, seen.end, seen.lastSign) = (turn.start, turn.end, turn.lastSign)
                return seen
            }
            session.waits = (waits[open.session] ?? []).map {
                TaskSight.Wait(
                    begin: $0.begin,
                    reason: $0.wait.reason.rawValue,
                    tool: $0.wait.tool.name,
                    since: $0.wait.since
                )
            }
            session.subagents = work.subagents[open.session] ?? 0
            session.location = open.location?.words
            // What a service has started may be for any of its sessions.
            if presence == .alive, let process = open.process,
                !ProcessIdentity.isService(ProcessStatus.words(of: process.id, in: files))
            {
                session.children = ProcessChild.all(of: process.id, in: files).map { child in
                    time - .milliseconds(max(0, boot - child.start))
                }
            }
            change(task) { $0.sessions.append(session) }
        }
    }

    private mutating func addRuns() {
        for open in work.tasks { change(open.task) { $0.begin = open.begin } }
        for run in work.runs {
            change(run.task) { sight in
                if !run.isPart { sight.begin = run.begin }
                sight.runs.append(
                    TaskStatus.Run(
                        begin: run.begin,
                        since: run.since,
                        command: run.command,
                        presence: TaskStatus.Agent.Presence(run.presence)
                    )
                )
            }
        }
    }

    private mutating func addLocks(_ files: any FileSystem) {
        for holder in work.holders {
            guard let task = holder.task else { continue }
            let lock = TaskStatus.Lock(
                holder.name.description,
                isHeld: true,
                since: holder.since,
                presence: .alive
            )
            change(task) { $0.locks.append(lock) }
        }
        for waiter in work.lockWaits {
            guard let task = waiter.task else { continue }
            let holder = work.holders.first { $0.name == waiter.name }
            let lock = TaskStatus.Lock(
                waiter.name.description,
                isHeld: false,
                since: waiter.since,
                presence: .alive,
                holder: holder.map { $0.task?.description ?? "process \($0.pid)" }
            )
            change(task) { $0.locks.append(lock) }
        }
    }
}

extension TaskStatus.Agent.Presence {
    init(_ presence: ProcessIdentity.Presence) {
        switch presence {
        case .alive: self = .alive
        case .gone: self = .gone
        case .unknown: self = .unknown
        }
    }
}

extension AgentLocation {
    /// Where it is, in few words: `tmux %3`, `/dev/pts/4`.
    var words: String? {
        guard let program else { return terminal }
        return [program.rawValue, pane].compactMap(\.self).joined(separator: " ")
    }
}
