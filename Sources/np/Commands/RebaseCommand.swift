// np rebase: a task's branch onto main, or everything as it was.

import ArgumentParser
import NeuraphageConfiguration
import NeuraphageEvents
import NeuraphagePlatform
import NeuraphagePresentation
import NeuraphageWatching

struct RebaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rebase",
        abstract: "Rebase a task's branch onto main; on a conflict everything is as it was.",
        discussion: """
            Fetches main where there is a remote, rebases the branch of the task's worktree onto it, and logs how that \
            went. A conflict is taken back and reported with its files. Changes that are not committed are a reason \
            not to begin, unless --autostash puts them aside meanwhile.

            np rebase                the task of this worktree
            np rebase add-login      the worktree of a task, in the repository you stand in

            Exit codes: 0 rebased, or nothing to do; 1 a conflict, or refused.
            """
    )

    @OptionGroup var global: GlobalOptions

    @Flag(help: "Put changes that are not committed aside meanwhile (git's own --autostash).")
    var autostash = false

    @Flag(inversion: .prefixedNo, help: "Fetch main from the remote before.")
    var fetch = true

    @Argument(
        help: "The task. Default: the one of this worktree, which is '.', too.",
        completion: .custom { _, _, _ in TaskCompletion.tasksInLog() }
    )
    var task: String?

    func validate() throws {
        if let task { try TypedName.check(task) }
    }

    func run() async throws {
        let configuration = try global.configuration()
        let bus = configuration.openBus(toLog: "this rebase")
        defer { bus.close() }
        let observer = try await configuration.observer(of: ".")
        var rebase =
            if let task, task != "." {
                try TaskRebase(of: try TypedName.existingTask(task, in: configuration), in: observer)
            } else {
                try await TaskRebase(at: ".", in: observer)
            }
        rebase.autostash = autostash
        rebase.fetches = fetch
        let outcome = try await rebase.perform(
            publishingTo: bus,
            warn: { complain("warning: \($0)") },
            begin: Self.holdOut
        )
        try report(outcome, in: rebase.directory)
        bus.complainAboutLosses(of: "this rebase", left: bus.closeOrLeave())
    }

    /// Ctrl-C ends git, which has its default back, and we take back what it left.
    private static func holdOut() {
        for number in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] { signal(number, SIG_IGN) }
    }

    private func report(_ outcome: TaskRebase.Outcome, in directory: String) throws {
        switch outcome {
        case .upToDate(let branch, let main):
            try printLines("\(branch) has everything that \(main) has".visible)
        case .rebased(let branch, let previous, let new, let onto, let main):
            try printLines(Self.rebased(branch, previous, new, onto, main).visible)
        case .rebasedWithoutChanges(let branch, let previous, let new, let onto, let main):
            try printLines(Self.rebased(branch, previous, new, onto, main).visible)
            throw OperationError(
                .failed,
                "the changes that were put aside conflict with it; they are safe in git's stash, too",
                hint: "resolve that in \(directory), and say git stash drop when you are done"
            )
        case .conflict(let branch, let files, let onto, let main):
            throw OperationError(
                .failed,
                "\(branch) conflicts with \(main) in \(files.joined(separator: ", ")); everything is as it was",
                hint: "to resolve it: git -C \(ShellWord.quoted(directory)) rebase \(onto.prefix(12))"
            )
        }
    }

    private static func rebased(
        _ branch: String,
        _ previous: String,
        _ new: String,
        _ onto: String,
        _ main: String
    ) -> String {
        "rebased \(branch) onto \(main) (\(onto.prefix(7))): \(previous.prefix(7))..\(new.prefix(7))"
    }
}
