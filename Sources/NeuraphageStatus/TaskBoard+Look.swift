// Gathers a board: what the log says, folded from a checkpoint; what is seen; and of each task what both come to.
//
// Asking changes nothing: no look is taken at repositories, no end is settled, and nothing is published. Looking is the
// daemon's, which tells the log what it finds; a command that looked would move a repository's state, lock it, and start git
// for each. So what only a look can tell is as old as the last one, and the board says how old.

package import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageProjections
package import NeuraphageSystem
import NeuraphageTasks
import NeuraphageWatching

extension TaskBoard {
    /// How all tasks are.
    ///
    /// Costs what is new in the log since the last checkpoint, a look at each open record, and at git's files of each
    /// worktree; no process is started.
    ///
    /// - Parameters:
    ///   - moment: A moment in the past, of which only the log tells; `nil`: now.
    ///   - dayBegan: When the user's day began.
    ///   - home: The user's home directory, whose agents are expected to be recorded; `nil` if unrecorded agents don't matter.
    ///     Those of a directory that np init has not set up tell it nothing.
    ///   - isRecorded: Whether agents that work in a directory are recorded.
    ///   - progress: Told now and then how many bytes of the log, of how many, have been read.
    /// - Throws: `EventLogError` if the log cannot be read, and what `progress` throws.
    package static func look(
        in directory: DataDirectory,
        logPath: String,
        at moment: Timestamp? = nil,
        dayBegan: Timestamp,
        home: String? = nil,
        isRecorded: (String) -> Bool = { _ in true },
        progress: (_ read: Int64, _ all: Int64) throws -> Void = { _, _ in }
    ) throws -> TaskBoard {
        let store = ProjectionStore(ofLogAt: logPath, in: directory)
        var told: Folded<TaskLog> = try store.folded(upTo: moment, writing: true, progress: progress)
        let now = moment ?? .now
        let sights = moment == nil ? TaskSights(in: directory, at: now) : nil
        var board = TaskBoard(at: now)
        board.isPast = moment != nil
        board.hasLog = directory.files.exists(logPath)
        let tasks = Set(told.parts.tasks).union(sights?.all ?? []).sorted { $0.description < $1.description }
        let rest = told.parts.rest
        var logged = tasks.map { told.parts.task($0, beside: rest) ?? LoggedTask($0) }
        if let sights { try logged.bringUpToDate(with: sights, &told, store) }
        // A name that others have used, and that has done nothing itself, is no task.
        let seen = sights?.all ?? []
        let names = Set(logged.filter { $0.isOnlyAName && !seen.contains($0.task) }.map(\.task))
        let lost = logged.filter { names.contains($0.task) && sights?.isPlace($0.task) == false }
        logged.removeAll { names.contains($0.task) }
        board.tasks = logged.map { TaskStatus(of: $0, seen: sights?[$0.task], gap: $0.gap, at: now) }
        TaskStatus.markCollisions(&board.tasks)
        board.addRepositories(rest, sights, since: dayBegan)
        board.addLocks(rest, sights)
        board.addLosses(rest, told.report, since: dayBegan)
        board.addUndelivered(rest, lost)
        guard let sights else { return board }
        board.idleWorktrees = sights.unnamed
        board.waitingEvents = Reserve(ofLogAt: logPath, in: directory.files).waiting?.events ?? 0
        board.daemon = daemon(of: directory)
        if let home, directory.files.exists(directory.setupManifest) {
            board.addUnrecorded(RunningAgents.notRecorded(in: directory, home: home), isRecorded)
        }
        return board
    }

    // MARK: - The rest

    private mutating func addRepositories(_ rest: LoggedRest, _ sights: TaskSights?, since day: Timestamp) {
        let used = Set(tasks.flatMap { $0.places.map(\.repository) })
        var known: Set<String> = []
        for told in rest.repositories.reversed() {
            guard let path = told.path, used.contains(path), known.insert(path).inserted else { continue }
            var repository = Repository(path: path, name: Checkout(repo: path).name)
            let moves = told.moves.elements
            (repository.main, repository.commit) = (told.branch, moves.last?.commit)
            repository.moved = moves.last?.mark.time
            repository.movesToday = moves.count { $0.mark.time >= day && $0.mark.time <= time }
            repositories.append(repository)
        }
        for seen in sights?.repositories ?? [] where used.contains(seen.path) {
            if let index = repositories.firstIndex(where: { $0.path == seen.path }) {
                repositories[index].main = seen.main ?? repositories[index].main
                repositories[index].commit = seen.commit ?? repositories[index].commit
                repositories[index].seen = seen.seen
            } else {
                var repository = Repository(path: seen.path, name: Checkout(repo: seen.path).name)
                (repository.main, repository.commit, repository.seen) = (seen.main, seen.commit, seen.seen)
                repositories.append(repository)
            }
        }
        repositories.sort { $0.path < $1.path }
    }

    /// Adds the messages that reached no task as the log says, and those to names that no task has.
    private mutating func addUndelivered(_ rest: LoggedRest, _ names: [LoggedTask]) {
        let told = rest.undelivered.elements.flatMap { lapse in
            lapse.messages.map { Undelivered(to: lapse.task?.description ?? "", message: $0, time: lapse.mark.time) }
        }
        let others = names.flatMap { name in
            name.unread.elements.filter { !$0.isOrder }.map { message in
                Undelivered(to: name.task.description, message: message.mark.id, time: message.mark.time)
            }
        }
        let names = tasks.map(\.task.description).sorted()
        let known = Set(names)
        // One search for each name, however many messages it got.
        var suggestions: [String: String?] = [:]
        undelivered = (told + others).map { message in
            var message = message
            if !known.contains(message.task) {
                let suggestion = suggestions[message.task] ?? Suggestion.nearest(to: message.task, in: names)
                suggestions[message.task] = suggestion
                message.suggestion = suggestion
            }
            return message
        }
        undelivered.sort { ($0.time, $0.message) < ($1.time, $1.message) }
    }

    private mutating func addLocks(_ rest: LoggedRest, _ sights: TaskSights?) {
        guard let work = sights?.work else {
            locks = rest.locks.map { lock in
                func parties(_ claims: [LoggedRest.Claim]) -> [Lock.Party] {
                    claims.map { Lock.Party(task: $0.task?.description, pid: nil, since: $0.mark.time) }
                }
                return Lock(name: lock.name, holders: parties(lock.holders), waiters: parties(lock.waiters))
            }
            return
        }
        let names = Set(work.holders.map(\.name.description) + work.lockWaits.map(\.name.description)).sorted()
        locks = names.map { name in
            let holders = work.holders.filter { $0.name.description == name }
            let waiters = work.lockWaits.filter { $0.name.description == name }
            return Lock(
                name: name,
                holders: holders.map { Lock.Party(task: $0.task?.description, pid: Int($0.pid), since: $0.since) },
                waiters: waiters.map { Lock.Party(task: $0.task?.description, pid: Int($0.pid), since: $0.since) }
            )
        }
    }

    private mutating func addLosses(_ rest: LoggedRest, _ report: FoldReport, since day: Timestamp) {
        lostEvents = rest.losses.elements.filter { $0.mark.time >= day }.reduce(0) { $0.saturatingPlus($1.count) }
        gaps = report.missingFiles
        skippedLines = report.skippedCount
    }

    private static func daemon(of directory: DataDirectory) -> Daemon {
        if DaemonLock.isHeld(in: directory) { return .running }
        let isOrderly = DaemonLock.hasEndedInOrder(in: directory) || !directory.files.exists(directory.daemonLock)
        return isOrderly ? .stopped : .died
    }

    private mutating func addUnrecorded(_ agents: [RunningAgent], _ isRecorded: (String) -> Bool) {
        unrecordedAgents = agents.map { agent in
            var unrecorded = UnrecordedAgent(agent: agent.title, directory: agent.directory ?? "")
            unrecorded.pid = Int(agent.pid)
            if let place = agent.directory, !isRecorded(place) { unrecorded.reason = "np init was not run there" }
            return unrecorded
        }
    }
}

extension LoggedTask {
    /// Whether it was only told something, and has not done anything, as far as the log says.
    fileprivate var isOnlyAName: Bool {
        lives == 0 && begin == nil && end == nil && last == nil && sessions.isEmpty && runs.isEmpty
    }
}
