// Which name a worktree gets that has none yet. Pure: who holds which name is asked.

import NeuraphageEvents

/// The choice of a name.
struct NameChoice {
    /// The name of the worktree's directory; of the repository for a main worktree.
    let title: String
    /// The name of the repository; `nil` for a main worktree.
    let repository: String?
    /// The worktree; `nil` if its repository has no id.
    let place: Place?
    /// The worktrees of the tasks that have begun and not ended, or to which sessions are bound.
    let open: [TaskID: Set<Place>]

    private var plain: DerivedName { DerivedName(title) }

    /// The plainest name that is free.
    ///
    /// - Parameter isHeld: Whether another worktree has a name, or its branch names it.
    func name(isHeld: (TaskID) -> Bool) -> TaskID {
        let (plain, repository) = (plain, repository.map { DerivedName($0).text })
        var number = 0
        while true {
            let name = plain.candidate(number, in: repository)
            if !isElsewhere(name), !isHeld(name) { return name }
            number += 1
        }
    }

    /// Whether a task of this name goes on in another worktree. A slot that is used again gets its name again; its last life
    /// is ended by the next look.
    private func isElsewhere(_ name: TaskID) -> Bool {
        open[name]?.contains { $0.repository != place?.repository || $0.entry != place?.entry } ?? false
    }

    /// What there is to say of the name of a worktree; `nil` if nothing.
    func remark(on name: TaskID, of directory: String) -> String? {
        plain.isChanged ? "'\(title)' cannot be the name of a task, so the task of \(directory) is '\(name)'" : nil
    }
}
