// What an agent's session works on. It is decided when the session begins, and holds however far the agent's working
// directory drifts, until the agent reports that it has moved to another worktree.

import NeuraphageEvents
import NeuraphageGit
import NeuraphageSystem
import NeuraphageTasks

/// The task and the worktree of the session that a call is about.
struct SessionWork {
    /// The agent's own tools by which it moves a session to another worktree.
    static let movingTools = ["EnterWorktree", "ExitWorktree"]

    /// The task; `nil` if there is none.
    let task: TaskID?
    /// The worktree, if it is known.
    let place: Place?
    /// The directory in which the agent works, as far as it says.
    let directory: String
    /// The agent, where a session begins, or is heard of for the first time.
    let process: ProcessIdentity?
    /// Whether a session works whose beginning was not heard: np's hooks came while it was open, or it has come to an
    /// initialized repository.
    let isUnheard: Bool
    /// Whether a session that has begun is to be bound to this from now on: at its next prompt if it began where there was no
    /// task, at once if its agent has moved it.
    let isNewBinding: Bool
    private let dataDirectory: DataDirectory

    init(of input: HookInput, in dataDirectory: DataDirectory) {
        self.dataDirectory = dataDirectory
        let files = dataDirectory.files
        directory = input.directory.flatMap { try? files.resolve($0) } ?? (try? files.resolve(".")) ?? "/"
        let known = AgentSessions(in: dataDirectory).open(input.session)
        // Another event may be a late one of a session that has ended.
        isUnheard = known == nil && input.event == "UserPromptSubmit"
        process = isUnheard || input.event == "SessionStart" ? .agent(in: files) : nil
        let hasMoved = input.event == "PostToolUse" && Self.movingTools.contains(input.word("tool_name") ?? "")
        // A session that another process takes up begins again, perhaps elsewhere.
        let isResumed = process.map { !(known?.process?.isSame(as: $0) ?? false) } ?? false
        var evidence = TaskEvidence()
        if !hasMoved, !isResumed { evidence.ofSession = known?.task }
        if evidence.ofSession != nil {
            place = known?.place
        } else {
            let here = PlaceNames.place(containing: directory, in: dataDirectory)
            if !hasMoved, let inherited = try? InheritedTask(),
                inherited.counts(at: here, among: ProcessIdentity.ancestorsOfHook(in: files), in: dataDirectory)
            {
                evidence.named = inherited.task
            } else {
                evidence.ofPlace = try? TaskOfPlace.worktree(at: directory, in: dataDirectory)
            }
            place = here
        }
        task = evidence.task
        let mayBind = hasMoved || input.event == "UserPromptSubmit"
        isNewBinding = known != nil && mayBind && task != nil && (task != known?.task || place != known?.place)
    }

    /// The worktree, as events say it. The agent may work in another one by now.
    var checkout: Checkout? {
        let known = PlaceNames(in: dataDirectory).named.first { $0.place == place }?.directory
        return [directory, known].compactMap(\.self).lazy
            .compactMap { GitWorktree(containing: $0, in: dataDirectory.files) }
            .first { Place(of: $0, in: dataDirectory.files) == place }?.checkout
    }
}
