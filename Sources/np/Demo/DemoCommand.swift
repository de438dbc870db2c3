// `np demo`: the newcomer's first minute. Nothing in it is made up: real worktrees, real processes, a real log.

import ArgumentParser
import NeuraphageEvents
import Subprocess

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "See it work: three tasks in a real repository, and the log they leave.",
        discussion: """
            Makes a git repository with three worktrees in a temporary directory, runs a process in each, moves main, \
            rebases one, and shows the log. Nothing outside that directory is touched.
            """
    )

    @Option(help: "Whether to use colour.")
    var color: ColorChoice = .auto

    func run() async throws {
        let directory = try Self.makeTemporaryDirectory()
        let repository = DemoRepository(directory: directory)
        let config = EventLogConfig(dataDirectory: directory + "/data")
        let bus = try EventBus(logging: config)
        try printLines("Three agents at work in \(directory) …\n")

        try await repository.create()
        try await work(in: repository, bus: bus)
        bus.close()
        try showLog(config)
        try printLines(Self.whatToTry(dataDirectory: directory + "/data"))
    }

    /// Three tasks at once: one ends well and is merged, one fails, one is cancelled after it was rebased.
    private func work(in repository: DemoRepository, bus: EventBus) async throws {
        try await repository.runTask("new-parser", title: "Write a faster parser", Self.parserWork) { cancel in
            async let cache: Void = repository.runTask("fix-cache", title: "Fix the stale cache", Self.cacheWork)
            try await repository.runTask("add-login", title: "Add a login form", Self.loginWork)
            try await cache
            try await moveMain(in: repository, bus: bus)
            cancel()
        }
    }

    private static let loginWork = """
        echo 'a login form' > login.txt && git add . && git commit -qm 'Add the login form'
        """

    private static let cacheWork = """
        echo 'drop stale entries' > cache.txt && git add . && git commit -qm 'Drop stale cache entries'
        exit 3
        """

    /// Commits, says what it learned, tells that it is ready, and goes on until somebody ends it.
    private static let parserWork = """
        echo 'a faster parser' > parser.txt && git add . && git commit -qm 'Parse in one pass'
        "$NP" emit LearningExtracted title='The old parser reads every file twice' kind=Fact > /dev/null
        echo ready
        exec sleep 60
        """

    /// What a watcher of the repository would notice: main moved, two branches are behind, one of them catches up.
    private func moveMain(in repository: DemoRepository, bus: EventBus) async throws {
        let previous = try await repository.git("rev-parse", "main")
        try await repository.git("merge", "-q", "--no-edit", "--no-ff", "neuraphage/add-login")
        let commit = try await repository.git("rev-parse", "main")
        bus.mainUpdated(repo: repository.path, branch: "main", previous: previous, commit: commit)

        for task in ["fix-cache", "new-parser"] as [TaskID] {
            let range = "neuraphage/\(task)..main"
            let count = Int(try await repository.git("rev-list", "--count", range)) ?? 0
            let subjects = try await repository.git("log", "--format=%h: %s", range)
            let commits = subjects.split(separator: "\n").map(String.init)
            bus.rebaseRequired(task, commitsBehind: count, newCommits: commits)
        }

        let worktree = repository.worktree("new-parser")
        let old = try await repository.git("rev-parse", "HEAD", in: worktree)
        try await repository.git("rebase", "-q", "main", in: worktree)
        let new = try await repository.git("rev-parse", "HEAD", in: worktree)
        bus.rebaseCompleted("new-parser", previous: old, new: new)
    }

    private func showLog(_ config: EventLogConfig) throws {
        var output = OutputStream()
        let style = color.style(isTerminal: output.isTerminal)
        let renderer = TextRenderer(style: style, clock: .utc)
        _ = try EventScan([.log(config.path)]).run { event, line in
            renderer.render(event, line: line, into: &output.bytes)
            return true
        }
        try output.flush()
    }

    private static func whatToTry(dataDirectory: String) -> String {
        """

        That is the log of what just happened. Try on it:

          alias np='\(OwnExecutable.path)'
          export NP_DATA_DIR='\(dataDirectory)'
          np events --task new-parser        what concerned one task
          np events --problems               what went wrong
          np events -k rebase -o json        for programs
          np events --follow                 as it happens; in another terminal: np run --task mine -- make

        """
    }

    private static func makeTemporaryDirectory() throws -> String {
        let parent = environment("TMPDIR") ?? "/tmp"
        var template = Array("\(parent.hasSuffix("/") ? String(parent.dropLast()) : parent)/np-demo-XXXXXX".utf8CString)
        guard let path = mkdtemp(&template) else {
            throw Failure(
                "cannot make a directory in \(parent): \(SystemError(code: errno)); set TMPDIR to another one"
            )
        }
        return String(cString: path)
    }
}
