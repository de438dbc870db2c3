// np hook git: git has changed something, so somebody should look. Whoever watches the repository is told by the kernel;
// if nobody does, a process that git doesn't wait for looks once.

import ArgumentParser
import NeuraphageConfiguration
import NeuraphageEvents
import NeuraphageSystem
import NeuraphageWatching

struct HookGitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "git",
        abstract: "A hook of git: looks at the repository, unless another process watches it.",
        usage: "np hook git <name of the hook> [<its arguments> ...]",
        discussion: """
            Configured by np init as git's reference-transaction, and good for post-commit, post-merge, post-rewrite and \
            post-checkout as well. Exits with 0 whatever happens, and prints nothing.
            """
    )

    /// The hooks behind which a branch may stand elsewhere.
    private static let hooks = ["post-commit", "post-merge", "post-rewrite", "post-checkout", "reference-transaction"]

    @OptionGroup var global: GlobalOptions

    @Argument(parsing: .captureForPassthrough, help: "The hook's name and its arguments.")
    var arguments: [String] = []

    func validate() throws { try AgentHookCall.helpIfAsked(arguments, self) }

    func run() {
        let input = readsInput ? HookStandardInput() : nil
        guard let hook = arguments.first, Self.hooks.contains(hook) else { return }
        if hook == "reference-transaction" {
            guard arguments.dropFirst().first == "committed", input?.movesBranch ?? true else { return }
        }
        guard let configuration = try? global.configuration(for: .hook), configuration.log.isEnabled,
            !RepositoryObserver.isSeen(at: ".", in: configuration.dataDirectory)
        else { return }
        BackgroundCommand.start(["watch", "--once"], global)
    }

    /// Whether git has something to say on standard input, and waits until it is read.
    private var readsInput: Bool {
        ["post-rewrite", "reference-transaction"].contains(arguments.first)
    }
}

extension HookStandardInput {
    /// Whether a branch is among the references that git names, `OLD NEW NAME` a line; also if it names none.
    fileprivate var movesBranch: Bool {
        withBytes { bytes in
            bytes.isEmpty
                || bytes.withUnsafeBufferPointer(Array.init).split(separator: UInt8(ascii: "\n")).contains { line in
                    let name = line.split(separator: UInt8(ascii: " ")).last ?? []
                    return name.starts(with: "refs/heads/".utf8) || name.starts(with: "refs/remotes/".utf8)
                }
        }
    }
}
