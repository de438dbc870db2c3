// What the log says that belongs to no single task: what main did, who holds which lock, what failed last, what was lost.
// Bounded like a task is.

package import NeuraphageEvents

/// What a log says besides what it says of each task. Text in it is text from the log.
package struct LoggedRest: Hashable, Sendable {
    /// A repository, and where its main branch was.
    package struct Repository: Hashable, Sendable {
        /// What its worktrees share, or else its path: what tells it from others.
        package var key: String
        package var path: String?
        package var branch: String?
        package var moves = Latest<Move>(atMost: 256)
    }

    /// That a main branch moved.
    package struct Move: Hashable, Sendable {
        package var mark: EventMark
        package var commit: String?
        package var subject: String?
    }

    /// Something that failed.
    package struct Failure: Hashable, Sendable {
        package enum What: Int, Sendable {
            case task, run, conflict, turn, check
            /// A session that ended without a word in the middle of a turn.
            case exit
        }

        package var task: TaskID?
        package var what: What
        package var mark: EventMark
    }

    /// A lock that is held or waited for.
    package struct Lock: Hashable, Sendable {
        package var name: String
        package var holders: [Claim] = []
        package var waiters: [Claim] = []
    }

    /// Who holds a lock, or waits for it.
    package struct Claim: Hashable, Sendable {
        /// `nil`: no task.
        package var task: TaskID?
        package var mark: EventMark
        package var isExclusive = true
    }

    /// A session of the daemon.
    package struct Daemon: Hashable, Sendable {
        package var begin: EventMark?
        package var end: EventMark?
        package var id: String?
        /// How the session before it ended, as it says.
        package var previous: String?
        /// How many events the log does not have of those that it was given, as its end says.
        package var lost = 0
    }

    /// Events that the log says it has lost.
    package struct Loss: Hashable, Sendable {
        package var mark: EventMark
        package var count: Int
    }

    /// Messages that reached no task.
    package struct Undelivered: Hashable, Sendable {
        package var task: TaskID?
        package var mark: EventMark
        package var count: Int
        /// The first of them.
        package var messages: [EventID]
    }

    /// The repositories whose main moved, the one that moved last at the end.
    package var repositories: [Repository] = []
    package var failures = Latest<Failure>(atMost: 16)
    /// The locks that are held or waited for, the latest at the end.
    package var locks: [Lock] = []
    /// Sessions without a task.
    package var sessions: [LoggedTask.Session] = []
    package var daemon = Daemon()
    package var losses = Latest<Loss>(atMost: 64)
    package var undelivered = Latest<Undelivered>(atMost: 16)
    /// The events before which files of the log are missing.
    package var missing = Latest<EventMark>(atMost: 64)
    /// Whether files are missing before the event that comes next.
    var isGapPending = false
    /// Whose the sessions are that have not ended.
    var owners: [SessionName: Owner] = [:]

    package init() {}

    /// Whose a session is, and what its next task has to know of it.
    struct Owner: Hashable, Sendable {
        var task: TaskID?
        var begin: EventMark?
        var location: Payload?
        /// The beginning of its turn, if that has not ended.
        var turn: EventMark?
        /// Whether the end of the session has ended its turn.
        var isTurnCut = false
    }

    /// What the rest knows of an event that is about a task.
    struct Findings {
        /// An event that led to it.
        var cause: EventMark?
        /// Who has lost a lock by it, though no event has told so.
        var losers: [Claim] = []
        /// The other task to which the session of the event belongs.
        var keeper: TaskID?
        /// The other task to which the session belonged until now.
        var former: TaskID?
        /// What is known of a session that came from elsewhere: one, or none.
        var adopted: [Owner] = []
    }

    static let (mostRepositories, mostLocks, mostClaims, mostOwners, mostMessages) = (32, 256, 32, 1_024, 8)

    // MARK: - Main

    mutating func moveMain(_ words: MainWords, at mark: EventMark) {
        let main = words.checkout
        let key = main.commonDirectory ?? main.repo ?? ""
        let index = repositories.lastIndex { $0.key == key }
        var repository = index.map { repositories.remove(at: $0) } ?? Repository(key: key)
        if index == nil, repositories.count == Self.mostRepositories { repositories.removeFirst() }
        repository.path = main.repo ?? repository.path
        repository.branch = main.branch ?? repository.branch
        repository.moves.append(Move(mark: mark, commit: words.commit, subject: words.subject))
        repositories.append(repository)
    }

    /// The event by which a main branch moved, if it is one of the latest.
    package func move(_ id: EventID) -> Move? {
        for repository in repositories.reversed() {
            if let move = repository.moves.last(where: { $0.mark.id == id }) { return move }
        }
        return nil
    }

    // MARK: - Locks

    /// Who has a lock that was taken with an event.
    func acquisition(_ id: EventID?, of lock: String) -> EventMark? {
        guard let id, let lock = locks.first(where: { $0.name == lock }) else { return nil }
        return lock.holders.first { $0.mark.id == id }?.mark
    }

    /// - Returns: Those who had it and cannot have it any more, though no event has told so.
    mutating func acquire(_ name: String, _ claim: Claim, after wait: EventID?) -> [Claim] {
        let index = lock(name)
        if let wait { locks[index].waiters.removeAll { $0.mark.id == wait } }
        let holders = locks[index].holders
        let former = claim.isExclusive ? holders : holders.filter(\.isExclusive)
        locks[index].holders.removeAll { former.contains($0) }
        locks[index].holders.append(claim)
        if locks[index].holders.count > Self.mostClaims { locks[index].holders.removeFirst() }
        return former
    }

    mutating func wait(_ name: String, _ claim: Claim) {
        let index = lock(name)
        locks[index].waiters.append(claim)
        if locks[index].waiters.count > Self.mostClaims { locks[index].waiters.removeFirst() }
    }

    /// Takes out the claim that began with an event; if no event is named, the latest of the task.
    mutating func giveBack(_ name: String, _ begin: EventID?, by task: TaskID?) {
        guard let index = locks.lastIndex(where: { $0.name == name }) else { return }
        if let begin {
            locks[index].holders.removeAll { $0.mark.id == begin }
        } else if let claim = locks[index].holders.lastIndex(where: { $0.task == task }) {
            locks[index].holders.remove(at: claim)
        }
        removeIfFree(index)
    }

    mutating func stopWaiting(_ name: String, _ begin: EventID?) {
        guard let begin, let index = locks.lastIndex(where: { $0.name == name }) else { return }
        locks[index].waiters.removeAll { $0.mark.id == begin }
        removeIfFree(index)
    }

    private mutating func removeIfFree(_ index: Int) {
        if locks[index].holders.isEmpty, locks[index].waiters.isEmpty { locks.remove(at: index) }
    }

    private mutating func lock(_ name: String) -> Int {
        if let index = locks.lastIndex(where: { $0.name == name }) { return index }
        if locks.count == Self.mostLocks { locks.removeFirst() }
        locks.append(Lock(name: name))
        return locks.count - 1
    }

    // MARK: - What is missing

    /// The last gap between two places.
    func gap(from begin: EventPlace?, to end: EventPlace?) -> EventMark? {
        func isBetween(_ mark: EventMark) -> Bool {
            (begin.map { mark.place > $0 } ?? true) && (end.map { mark.place <= $0 } ?? true)
        }
        let gaps = [losses.last { isBetween($0.mark) }?.mark, missing.last(where: isBetween)].compactMap(\.self)
        return gaps.max { $0.place < $1.place }
    }
}
