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
            Configured by np init for the hooks that git runs once for a command: post-merge, post-rewrite, post-checkout, \
            post-applypatch and post-receive. A hook that is named by its path looks only at a repository \
            that holds it, or that np init has set up. Exits with 0 whatever happens, and prints nothing.
            """
    )

    /// The hooks behind which a branch may stand elsewhere.
    private static let hooks = [
        "post-merge", "post-rewrite", "post-checkout", "post-applypatch", "post-receive", "reference-transaction",
    ]

    @OptionGroup var global: GlobalOptions

    @Argument(parsing: .captureForPassthrough, help: "The hook's name and its arguments.")
    var arguments: [String] = []

    func validate() throws { try AgentHookCall.helpIfAsked(arguments, self) }

    func run() {
        let input = readsInput ? HookStandardInput() : nil
        guard let path = arguments.first, let hook, Self.hooks.contains(hook) else { return }
        if hook == "reference-transaction" {
            guard arguments.dropFirst().first == "committed", input?.movesBranch ?? true else { return }
        }
        guard let configuration = try? global.configuration(for: .hook), configuration.log.isEnabled,
            !RepositoryObserver.isSeen(at: ".", in: configuration.dataDirectory)
        else { return }
        if path != hook {
            let (watched, directory) = (configuration.watchedRepositories, configuration.dataDirectory)
            guard RepositoryObserver.isWanted(at: ".", byHook: path, configured: watched, in: directory) else { return }
        }
        BackgroundCommand.start(["watch", "--once", "--settle"], global)
    }

    private var hook: String? { arguments.first?.split(separator: "/").last.map(String.init) }

    /// Whether git has something to say on standard input, and waits until it is read.
    private var readsInput: Bool {
        ["post-rewrite", "post-receive", "reference-transaction"].contains(hook)
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
