// Checks that everyone knows, so that an agent that says it is done can be told from one whose tests have passed. A command
// is named by its entry in the list, never by what was typed. Pure.

import NeuraphageTasks

/// Well-known checks, and those that the user has added.
package struct CheckList: Sendable {
    private static let standard = [
        "make test", "make check", "make lint", "swift test", "swift build", "swift format lint", "cargo test",
        "cargo nextest", "cargo check", "cargo clippy", "cargo build", "go test", "go vet", "go build", "npm test",
        "npm run test", "npm run lint", "npm run build", "npm run typecheck", "pnpm test", "pnpm run test", "pnpm lint",
        "yarn test", "yarn lint", "bun test", "deno test", "deno lint", "jest", "vitest", "mocha", "eslint", "tsc",
        "playwright test", "cypress run", "pytest", "tox", "nox", "unittest", "mypy", "pyright", "ruff check", "flake8",
        "black", "pylint", "rspec", "rake test", "rubocop", "rails test", "mvn test", "mvn verify", "gradle test",
        "gradlew test", "gradle check", "gradlew check", "dotnet test", "dotnet build", "ctest", "meson test",
        "ninja test", "bazel test", "xcodebuild test", "phpunit", "composer test", "mix test", "mix credo", "sbt test",
        "zig build test", "elm-test", "flutter test", "dart test", "dart analyze", "shellcheck", "pre-commit run",
        "just test", "task test", "terraform validate", "cabal test", "stack test", "lein test",
    ]

    /// The entries by their first words, the longest first.
    private let entries: [String: [Entry]]

    private struct Entry: Sendable {
        let name: String
        let words: [String]
    }

    /// - Parameter added: What the user has added to the list.
    package init(adding added: [String] = []) {
        let all = (added + Self.standard).map { name in
            Entry(name: name, words: name.split(separator: " ").map(String.init))
        }
        entries = Dictionary(grouping: all.filter { !$0.words.isEmpty }) { Self.baseName($0.words[0]) }
            .mapValues { $0.sorted { $0.words.count > $1.words.count } }
    }

    /// The checks in a command line, in their order, and how each ended, as far as the command line's own end tells.
    ///
    /// - Parameter hasSucceeded: Whether all of it has; `nil` if that isn't known.
    func checks(in commandLine: String, hasSucceeded: Bool?) -> [ToolUse.Check] {
        let commands = CommandLine(commandLine).commands
        let others = commands.indices.filter { !Self.isPreparation(commands[$0].words) }
        return commands.indices.compactMap { index in
            guard let name = name(of: commands[index].words) else { return nil }
            // Each command from here on must have succeeded for all of them to.
            let decides = commands[index...].dropLast().allSatisfy { $0.joint == .and } && commands.last?.joint == .end
            guard let hasSucceeded, decides else { return ToolUse.Check(name, .unknown) }
            if hasSucceeded { return ToolUse.Check(name, .passed) }
            // Another command of the line may have failed instead.
            return ToolUse.Check(name, others == [index] ? .failed : .unknown)
        }
    }

    /// The entry of the list that a simple command is.
    private func name(of command: [String]) -> String? {
        let words = Self.withoutRunners(command[...])
        guard let first = words.first.map(Self.baseName), let entries = entries[first] else { return nil }
        return entries.first {
            Self.matches($0.words.dropFirst(), words.dropFirst(), anywhere: Self.takesTargets(first))
        }?
        .name
    }

    /// Whether these words follow the program's name: at once, but for options, or anywhere, where options take values.
    private static func matches(_ wanted: ArraySlice<String>, _ words: ArraySlice<String>, anywhere: Bool) -> Bool {
        var rest = wanted
        for word in words where !word.hasPrefix("-") && !word.hasPrefix("+") {
            guard let next = rest.first else { return true }
            if word == next {
                rest.removeFirst()
            } else if !anywhere {
                return false
            }
        }
        return rest.isEmpty
    }

    private static func takesTargets(_ program: String) -> Bool {
        ["make", "gmake", "ninja", "xcodebuild", "mvn", "gradle", "gradlew", "sbt", "just", "task", "rake"].contains(
            program
        )
    }

    // MARK: - What is in the way

    /// What runs the command that follows: each with how many words of its own come first.
    private static let runners: [([String], Int)] = [
        (["uv", "run"], 0), (["poetry", "run"], 0), (["pipenv", "run"], 0), (["pdm", "run"], 0), (["hatch", "run"], 0),
        (["bundle", "exec"], 0), (["npx"], 0), (["bunx"], 0), (["pnpm", "exec"], 0), (["yarn", "exec"], 0),
        (["timeout"], 1), (["nice"], 0), (["time"], 0), (["command"], 0), (["exec"], 0), (["env"], 0), (["nohup"], 0),
        (["caffeinate"], 0), (["xvfb-run"], 0),
    ]

    private static func withoutRunners(_ command: ArraySlice<String>) -> ArraySlice<String> {
        var words = command.drop(while: isAssignment)
        for _ in 0..<4 {
            let before = words
            words = withoutRunner(words).drop(while: isAssignment)
            if words == before { break }
        }
        return words
    }

    private static func withoutRunner(_ words: ArraySlice<String>) -> ArraySlice<String> {
        guard let first = words.first.map(baseName) else { return words }
        // np run and np lock say with -- where the command begins.
        if first == "np", let mark = words.firstIndex(of: "--") { return words[(mark + 1)...] }
        if first == "python" || first == "python3", words.dropFirst().first == "-m" { return words.dropFirst(2) }
        for (runner, count) in runners
        where runner.first == first && words.starts(with: words.prefix(1) + runner.dropFirst()) {
            let rest = words.dropFirst(runner.count).drop { $0.hasPrefix("-") }
            return rest.dropFirst(count)
        }
        return words
    }

    private static func isAssignment(_ word: String) -> Bool {
        guard let sign = word.firstIndex(of: "="), let first = word.first, first.isLetter || first == "_" else {
            return false
        }
        return word[..<sign].allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
    }

    /// Whether a command only prepares the next one, so that a failure is hardly its own.
    private static func isPreparation(_ words: [String]) -> Bool {
        let rest = words.drop(while: isAssignment)
        guard let first = rest.first else { return true }
        return [
            "cd", "pushd", "popd", "export", "unset", "set", "source", ".", "ulimit", "umask", "mkdir", "echo", "true",
        ]
        .contains(first)
    }

    private static func baseName(_ word: String) -> String {
        word.contains("/") ? word.split(separator: "/").last.map(String.init) ?? word : word
    }
}
