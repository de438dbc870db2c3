// A person who sets up np: a home with agents, dotfiles and programs of their own, a repository, and no service manager
// that a test could reach.

import NeuraphagePlatform
import Testing

struct SetUpHome {
    let home: Home
    let repository: String

    init() async throws {
        home = try Home()
        repository = home("my repo's $x %d ä")
        for name in ["systemctl", "launchctl"] { try await program(name, "exit 1") }
        try await git("init", "-q", "-b", "main", repository, in: home.path)
        try await git("commit", "-q", "--allow-empty", "-m", "one")
    }

    func program(_ name: String, _ script: String) async throws {
        try home.write("#!/bin/sh\n" + script + "\n", to: home("bin/" + name))
        chmod(home("bin/" + name), 0o755)
    }

    /// Installs agents of these versions, which do nothing else than to say so.
    func agents(claude: String? = nil, codex: String? = nil) async throws {
        if let claude { try await program("claude", "echo '\(claude) (Claude Code)'") }
        if let codex { try await program("codex", "echo 'codex-cli \(codex)'") }
    }

    var surroundings: [String: String] {
        let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin"
        return [
            "PATH": home("bin") + ":" + path, "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.com", "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
            "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.com",
            "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
        ]
    }

    @discardableResult
    func git(_ arguments: String..., in directory: String? = nil) async throws -> Finished {
        let words = ["git", "-C", directory ?? repository] + arguments
        // np's hook starts nothing then that could outlive the test.
        let quiet = surroundings.merging(["NP_EVENTS_ENABLED": "false"]) { $1 }
        let done = try await home.run("/usr/bin/env", words, environment: quiet)
        #expect(done.status == 0, "git \(arguments): \(done.err)")
        return done
    }

    @discardableResult
    func np(_ arguments: String..., in directory: String? = nil) async throws -> Finished {
        try await home.run(Home.np, arguments, environment: surroundings, in: directory ?? repository)
    }

    /// Without a daemon, where it isn't what the test is about.
    @discardableResult
    func initialize(_ arguments: String..., in directory: String? = nil) async throws -> Finished {
        try await home.run(
            Home.np,
            ["init", "--no-daemon"] + arguments,
            environment: surroundings,
            in: directory ?? repository
        )
    }

    /// Everything below a directory: what kind of thing it is, its mode, and what it holds. Not the data directory, nor
    /// git's index, which holds times.
    func tree(_ directory: String? = nil) throws -> [String: String] {
        var found: [String: String] = [:]
        func visit(_ path: String) throws {
            if path == home.dataDirectory || path.hasSuffix("/index") { return }
            var status = stat()
            guard lstat(path, &status) == 0 else { return }
            let mode = String(status.st_mode, radix: 8)
            switch status.st_mode & S_IFMT {
            case S_IFDIR:
                if path != home(".local"), path != home(".local/share") { found[path] = mode }
                guard let stream = opendir(path) else { return }
                defer { closedir(stream) }
                while let entry = readdir(stream) {
                    let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                    }
                    if name != "." && name != ".." { try visit(path + "/" + name) }
                }
            case S_IFLNK:
                var target = [CChar](repeating: 0, count: 4_096)
                let count = readlink(path, &target, target.count)
                found[path] =
                    "link to " + String(decoding: target[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
            default: found[path] = mode + " " + String(try home.read(path).hashValue)
            }
        }
        try visit(directory ?? home.path)
        return found
    }

    func expectSame(_ after: [String: String], _ before: [String: String]) {
        let changed = Set(after.keys).union(before.keys).filter { after[$0] != before[$0] }
        #expect(changed.isEmpty)
    }

    func text(_ path: String) throws -> String { String(decoding: try home.read(path), as: UTF8.self) }

    var hook: String { repository + "/.git/hooks/post-checkout" }
    var claude: String { home(".claude/settings.json") }
    var codex: String { home(".codex/hooks.json") }

    static let foreignSettings =
        "{\r\n\t\"model\": \"opus\",\r\n\t\"hooks\": {\r\n\t\t\"Stop\": [\r\n\t\t\t"
        + "{\"hooks\": [{\"type\": \"command\", \"command\": \"say done\"}]}\r\n\t\t]\r\n\t}\r\n}"

    static let foreignHook = "#!/usr/bin/env python3\nimport sys\nsys.stdin.read()\n"

    /// Hooks, settings and links of somebody who uses other tools, too.
    func furnish() async throws {
        try await agents(claude: "2.1.332", codex: "0.163.0")
        try home.write(Self.foreignHook, to: hook)
        chmod(hook, 0o750)
        try home.write("#!/bin/sh\nexit 0\n", to: repository + "/.git/hooks/pre-commit")
        chmod(repository + "/.git/hooks/pre-commit", 0o755)
        try home.write(Self.foreignSettings, to: home("dotfiles/claude.json"))
        chmod(home("dotfiles/claude.json"), 0o640)
        try home.makeDirectory(home(".claude"))
        symlink("../dotfiles/claude.json", claude)
        try home.write("{\"hooks\":{\"Stop\":[ ]}}", to: codex)
    }
}
