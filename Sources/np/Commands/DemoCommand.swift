// `np demo`: the newcomer's first minute. Nothing in it is made up: real worktrees, real processes, a real log.

import ArgumentParser
import NeuraphageEvents
import NeuraphagePlatform
import NeuraphagePresentation
import NeuraphageSystem
import Subprocess

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "See it work: three tasks in a real repository, and the log they leave.",
        discussion: """
            Makes a git repository with three worktrees in a temporary directory, runs a process in each, moves main, \
            lets one learn that from its inbox and rebase, and shows the log. Nothing outside that directory is touched.
            """
    )

    @OptionGroup var colorOptions: ColorOptions

    func run() async throws {
        try await DemoRepository.requireGit()
        let directory = try Self.makeTemporaryDirectory()
        let repository = DemoRepository(directory: directory)
        try printLines("Three agents at work in \(directory) …\n")

        try await repository.create()
        try await work(in: repository)
        try showLog(EventLogConfig(dataDirectory: directory + "/data"))
        try printLines(Self.whatToTry(in: directory))
    }

    /// Three tasks at once: one ends well and is merged, one fails, one learns that it is behind, rebases, and is
    /// cancelled.
    private func work(in repository: DemoRepository) async throws {
        try await repository.runNP("watch", "--once")
        try await repository.runTask("new-parser", title: "Write a faster parser", Self.parserWork) { line, cancel in
            switch line {
            case "ready":
                async let cache: Void = repository.runTask("fix-cache", title: "Fix the stale cache", Self.cacheWork)
                try await repository.runTask("add-login", title: "Add a login form", Self.loginWork)
                try await cache
                try await repository.git("merge", "-q", "--no-edit", "--no-ff", "neuraphage/add-login")
                try await repository.runNP("watch", "--once")
            case "done": cancel()
            default: break
            }
        }
    }

    private static let loginWork = """
        echo 'a login form' > login.txt && git add . && git commit -qm 'Add the login form'
        """

    private static let cacheWork = """
        echo 'drop stale entries' > cache.txt && git add . && git commit -qm 'Drop stale cache entries'
        exit 3
        """

    /// Commits, says what it learned, rebases when it is told to, and goes on until somebody ends it.
    private static let parserWork = """
        echo 'a faster parser' > parser.txt && git add . && git commit -qm 'Parse in one pass'
        "$NP" emit LearningExtracted title='The old parser reads every file twice' kind=Fact > /dev/null
        echo ready
        "$NP" inbox --ack --wait 1m > /dev/null && "$NP" rebase > /dev/null
        echo done
        exec sleep 60
        """

    private func showLog(_ config: EventLogConfig) throws {
        var output = OutputStream()
        let style = colorOptions.style(output)
        var renderer = TextRenderer(style: style, clock: .utc)
        _ = try EventScan([.log(config.path)]).run { event, line in
            renderer.render(event, line: line, into: &output.bytes)
            return true
        }
        renderer.settle(into: &output.bytes)
        try output.flush()
    }

    private static func whatToTry(in directory: String) -> String {
        // An alias is read once more when it is used.
        let np = ShellWord.quoted(ShellWord.quoted(OwnExecutable.path))
        return """

            That is the log of what just happened. Try on it:

              alias np=\(np)
              export NP_DATA_DIR=\(ShellWord.quoted(directory + "/data"))
              np                                 who does what, and who waits for you
              np why                             what led to the last failure
              np events --task new-parser        what concerned one task
              np events -k rebase -o json        for programs
              np events --follow                 as it happens; in another terminal: np run --task mine -- make

            Nothing of it is needed any more when you have seen enough:

              rm -rf \(ShellWord.quoted(directory))

            """
    }

    private static func makeTemporaryDirectory() throws -> String {
        let parent = environment("TMPDIR") ?? "/tmp"
        var template = Array("\(parent.hasSuffix("/") ? String(parent.dropLast()) : parent)/np-demo-XXXXXX".utf8CString)
        guard let path = mkdtemp(&template) else {
            throw OperationError(
                .failed,
                "cannot make a directory in \(parent): \(SystemError(code: errno))",
                hint: "set TMPDIR to another one"
            )
        }
        return String(cString: path)
    }
}
