// A remote, a repository with worktrees of tasks, and somebody else's clone: real git in a directory of its own, and the
// log of whoever looks at it.

import NeuraphageEvents
import Subprocess
import SystemPackage
import TestSupport
import Testing

@testable import NeuraphageAgents
@testable import NeuraphageGit
@testable import NeuraphagePresentation
@testable import NeuraphageProjections
@testable import NeuraphageSystem
@testable import NeuraphageTasks
@testable import NeuraphageWatching

/// A place with repositories, and a data directory.
final class GitWorld: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let directory: TemporaryDirectory
    var dataDirectory: String { path("data") }
    var logPath: String { path("data/event_log.jsonl") }

    /// A repository `repo` with one commit on `main`, which is there as `remote.git` as well if that is wanted, and with
    /// `other`, another clone of it.
    init(remote: Bool = false) async throws {
        directory = try TemporaryDirectory(endingProcesses: true)
        try await git("init", "-q", "-b", "main", "repo")
        try await commit("file", "1\n", in: "repo")
        guard remote else { return }
        try await git("clone", "-q", "--bare", "repo", "remote.git")
        try await git("remote", "add", "origin", path("remote.git"), in: "repo")
        try await git("fetch", "-q", in: "repo")
        try await git("clone", "-q", "remote.git", "other")
    }

    func path(_ name: String) -> String { directory[name] }

    /// The record of a run of a task in a place.
    func run(_ task: TaskID, in place: String) throws -> OpenRecord {
        let data = DataDirectory(dataDirectory)
        let here = PlaceNames.place(containing: path(place), in: data)
        return try TaskRecords(in: data).record(Event(.taskStarted, from: task), of: task, in: path(place), at: here)
    }

    /// Runs git and returns what it printed, without the last newline.
    @discardableResult
    func git(_ arguments: String..., in place: String = "") async throws -> String {
        try await git(arguments, in: place)
    }

    @discardableResult
    func git(_ arguments: [String], in place: String = "") async throws -> String {
        let result = try await within("git \(arguments.joined(separator: " ")) to end") {
            try await Subprocess.run(
                .name("git"),
                arguments: Arguments(arguments),
                environment: .inherit.updating(Self.environment),
                workingDirectory: FilePath(path(place)),
                output: .string(limit: 1 << 22),
                error: .string(limit: 1 << 22)
            )
        }
        guard result.terminationStatus.isSuccess else {
            throw Failure(description: "git \(arguments.joined(separator: " ")): \(result.standardError)")
        }
        let output = result.standardOutput
        return output.hasSuffix("\n") ? String(output.dropLast()) : output
    }

    /// Runs git and returns whether it succeeded.
    func tryGit(_ arguments: String..., in place: String) async throws -> Bool {
        let result = try await within("git \(arguments.joined(separator: " ")) to end") {
            try await Subprocess.run(
                .name("git"),
                arguments: Arguments(arguments),
                environment: .inherit.updating(Self.environment),
                workingDirectory: FilePath(path(place)),
                output: .discarded,
                error: .discarded
            )
        }
        return result.terminationStatus.isSuccess
    }

    static let environment: [Environment.Key: String?] = [
        "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "GIT_DIR": nil, "GIT_WORK_TREE": nil,
        "GIT_INDEX_FILE": nil, "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.com",
        "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.com", "GIT_EDITOR": "true",
    ]

    /// Commits a file and returns the commit.
    @discardableResult
    func commit(_ file: String, _ text: String, in place: String, subject: String? = nil) async throws -> String {
        try directory.write(text, to: "\(place)/\(file)")
        try await git("add", file, in: place)
        try await git("commit", "-q", "-m", subject ?? "Change \(file)", in: place)
        return try await head(of: place)
    }

    /// Deletes a directory with all that is in it.
    func remove(_ name: String) async throws {
        _ = try await within("rm -rf \(name) to end") {
            try await Subprocess.run(.name("rm"), arguments: ["-rf", path(name)], output: .discarded)
        }
    }

    func head(of place: String) async throws -> String { try await git("rev-parse", "HEAD", in: place) }

    /// Makes a worktree of a task, beside the repository and named like the task.
    func addTask(_ task: String, at start: String = "main", of repository: String = "repo") async throws {
        try await git("worktree", "add", "-q", "-b", "neuraphage/\(task)", path(task), start, in: repository)
    }

    /// Commits in somebody else's clone and pushes that.
    @discardableResult
    func push(_ file: String, _ text: String) async throws -> String {
        let commit = try await commit(file, text, in: "other")
        try await git("push", "-q", "origin", "HEAD:main", in: "other")
        return commit
    }

    // MARK: - Looking

    func observer(of place: String = "repo") async throws -> RepositoryObserver {
        try await RepositoryObserver(of: path(place), in: DataDirectory(dataDirectory))
    }

    func openBus() throws -> EventBus { try EventBus(logging: EventLogConfig(dataDirectory: dataDirectory)) }

    /// Looks once, and returns what was said, each in one line. Every task has begun, and reads what it is told.
    @discardableResult
    func look(at place: String = "repo") async throws -> [String] {
        let observer = try await observer(of: place)
        let known = Set(try logged().compactMap(\.source))
        for (_, task) in observer.tasks where !known.contains(task) { try begin(task) }
        let before = try events().count
        let bus = try openBus()
        try await observer.look(publishingTo: bus)
        bus.close()
        let said = try events().dropFirst(before)
        expectAsInTable(said)
        try read(said)
        return said.map(Self.text)
    }

    /// Has the log told that a task has begun.
    func begin(_ task: TaskID) throws {
        let bus = try openBus()
        bus.publish(Event(.taskStarted, from: task, payload: Self.mark))
        bus.close()
    }

    /// Has the log told that tasks have read what they were told.
    func read(_ events: some Sequence<Event>) throws {
        let bus = try openBus()
        for event in events where event.kind == .rebaseRequired {
            guard let task = event.target else { continue }
            let read = Reading.event(of: event.id, in: task, by: task, how: "test").payload
            bus.publish(Event(.notificationRead, from: task, payload: read.adding("world", "read")))
        }
        bus.close()
    }

    /// The same for all that they have not read.
    func readEverything() throws {
        let read = Set(try logged().compactMap { Reading($0)?.notification })
        try self.read(try logged().filter { !read.contains($0.id) })
    }

    /// The payload by which an event is known that the world itself has logged.
    private static let mark: Payload = ["world": true]

    /// Has a process look, and kills it with -9 after some seconds.
    func lookAndKill(after seconds: Double) async throws {
        var variables = Self.environment
        variables["NP_DATA_DIR"] = dataDirectory
        _ = try await within("np watch --once to be killed") {
            try await Subprocess.run(
                .name("timeout"),
                arguments: ["-s", "KILL", String(seconds), NPProcess.path, "watch", "--once"],
                environment: .inherit.updating(variables),
                workingDirectory: FilePath(path("repo")),
                output: .discarded,
                error: .discarded
            )
        }
    }

    /// What the log has, besides what the world itself has logged.
    func events() throws -> [Event] { try logged().filter { $0.payload["world"] == nil } }

    private func logged() throws -> [Event] {
        directory.exists("data/event_log.jsonl") ? try directory.events("data/event_log.jsonl") : []
    }

    /// An event in one line: `RebaseRequired task 2`, with commits as their first seven digits.
    static func text(_ event: Event) -> String {
        func value(_ key: String) -> String { event.payload[key]?.text ?? "?" }
        func commit(_ key: String) -> String { String(value(key).prefix(7)) }
        let task = (event.source ?? event.target)?.description ?? ""
        return switch event.kind {
        case .mainUpdated: "MainUpdated \(commit("previous"))..\(commit("commit"))"
        case .rebaseRequired: "RebaseRequired \(task) \(value("commits_behind"))"
        case .rebaseCompleted: "RebaseCompleted \(task) \(commit("previous"))..\(commit("new"))"
        case .rebaseConflict: "RebaseConflict \(task) \(event.payload.strings(at: "files").joined(separator: ","))"
        case .taskCompleted: "TaskCompleted \(task) \(value("summary"))"
        case .taskCancelled: "TaskCancelled \(task) \(value("reason"))"
        case .supervisionDegraded: "SupervisionDegraded"
        default: "\(event.kind) \(task)"
        }
    }
}

extension String {
    /// The first seven digits of a commit.
    var short: String { String(prefix(7)) }
}
