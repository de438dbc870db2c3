// What is concluded from what is seen of a worktree. Pure. Nothing is concluded from what is not seen: a disk may not be
// mounted, and a repository may have been moved.

/// What is seen of git's entry for a worktree that has a name.
enum EntrySight: Equatable {
    /// The worktree's repository is not where it was, and no other is there.
    case away
    /// The worktree's repository is not where it was; another one is there.
    case replaced
    /// It is the main worktree of a repository that is there.
    case main
    /// git has an entry of its name, made at that time; `nil` if that cannot be read.
    case entry(made: String?)
    /// The repository is there, and git has no entry of its name.
    case noEntry

    /// Whether git is seen to have forgotten the worktree.
    func showsForgotten(_ place: Place) -> Bool {
        switch self {
        case .away, .main, .entry(nil): false
        case .entry(let made?): made != place.made
        case .noEntry, .replaced: true
        }
    }

    /// Whether the worktree is seen, so that no other one can have its name.
    func showsHeld(_ place: Place) -> Bool { self != .away && !showsForgotten(place) }
}
