// What was done in a turn, added up: the better part of its receipt. Pure.

import NeuraphageEvents

/// The work of a turn.
struct TurnWork: Equatable, Sendable {
    /// How many files are named, and how many bytes their names may have together, so that a receipt fits into the log.
    private static let mostFiles = 50
    private static let mostFileBytes = 5_000
    /// How many names of tools, of inputs that failed, and of checks are told, the most frequent first.
    private static let mostNames = 20

    private var tools: [String: Int] = [:]
    private var failed = 0
    private var denied = 0
    private var files: [String] = []
    private var knownFiles: Set<String> = []
    /// How often a file was changed.
    private var changes = 0
    private var failures: [Failure: Failures] = [:]
    private var checks: [String: Check] = [:]
    private var waited = 0
    private var subagents = 0
    /// The uses of tools that were told of.
    private var told: Set<String> = []
    /// Whether there was more than was written down.
    var isIncomplete = false

    /// An input of a tool with which it failed.
    private struct Failure: Hashable {
        let tool: String
        let input: String?
    }

    /// How often something has failed.
    private struct Failures: Equatable {
        var count = 0
        /// How often since the change of a file of this number; of a check, and since it passed.
        private var recent = 0
        private var change = 0

        mutating func add(after change: Int) {
            count += 1
            recent = count(since: change) + 1
            self.change = change
        }

        mutating func pass() { recent = 0 }

        func count(since change: Int) -> Int { self.change == change ? recent : 0 }
    }

    /// The runs of a check.
    private struct Check: Equatable {
        var count = 0
        var failed = Failures()
        var last = ToolUse.Check.Outcome.unknown
    }

    /// Whether nothing was done.
    var isEmpty: Bool { self == TurnWork() }

    /// Adds something that happened. What was told already is not added again.
    mutating func add(_ fact: TurnFact) {
        switch fact {
        case .tool(let use):
            if let id = use.id, !told.insert(id).inserted { return }
            add(use)
        case .waited(let milliseconds): waited = waited.saturatingPlus(milliseconds)
        case .subagent: subagents += 1
        }
    }

    private mutating func add(_ use: ToolUse) {
        switch use.outcome {
        case .denied:
            denied += 1
            return
        case .failed:
            failed += 1
            failures[Failure(tool: use.name, input: use.input), default: Failures()].add(after: changes)
        case .succeeded: break
        }
        tools[use.name, default: 0] += 1
        for file in use.files where knownFiles.insert(file).inserted { files.append(file) }
        for check in use.checks {
            checks[check.name, default: Check()].count += 1
            switch check.outcome {
            case .failed: checks[check.name]?.failed.add(after: changes)
            case .passed: checks[check.name]?.failed.pass()
            case .unknown: break
            }
            checks[check.name]?.last = check.outcome
        }
        if !use.files.isEmpty { changes += 1 }
    }

    // MARK: - As a receipt

    /// What the log is told.
    var members: [(String, JSONValue)] {
        var members: [(String, JSONValue)] = [("tools", toolMembers)]
        if !failures.isEmpty {
            members.append(("failures", .array(Self.most(failures.mapValues(\.count)).map { failure($0.key) })))
        }
        if !checks.isEmpty {
            let counts = checks.mapValues(\.count)
            members.append(("checks", .array(Self.most(counts).compactMap { name, _ in check(name) })))
        }
        if !files.isEmpty {
            members.append(("files", .array(shownFiles.map { .string($0) })))
            members.append(("files_count", .integer(files.count)))
        }
        if waited > 0 { members.append(("waits_ms", .integer(waited))) }
        if subagents > 0 { members.append(("subagents", .integer(subagents))) }
        if isIncomplete { members.append(("incomplete", true)) }
        return members
    }

    private var toolMembers: JSONValue {
        let count = tools.values.reduce(0, +)
        let counts: [(String, JSONValue)] = [
            ("n", .integer(count)), ("failed", .integer(failed)), ("denied", .integer(denied)),
        ]
        let names = Self.most(tools).map { ($0, JSONValue.integer($1)) }
        return .object(counts + (names.isEmpty ? [] : [("names", .object(names))]))
    }

    private func failure(_ failure: Failure) -> JSONValue {
        let input = failure.input.map { [("input", JSONValue.string($0))] } ?? []
        let failures = failures[failure] ?? Failures()
        let count = [("tool", JSONValue.string(failure.tool)), ("n", .integer(failures.count))]
        return .object(count + input + sinceChange(failures))
    }

    private func check(_ name: String) -> JSONValue? {
        checks[name].map { check in
            let members: [(String, JSONValue)] = [
                ("check", .string(name)), ("n", .integer(check.count)), ("failed", .integer(check.failed.count)),
                ("last", .string(check.last.rawValue)),
            ]
            return .object(members + sinceChange(check.failed))
        }
    }

    /// What cannot be told from the count, because a file was changed.
    private func sinceChange(_ failures: Failures) -> [(String, JSONValue)] {
        files.isEmpty || failures.count == 0 ? [] : [("since_change", .integer(failures.count(since: changes)))]
    }

    private var shownFiles: ArraySlice<String> {
        var bytes = 0
        return files.prefix(Self.mostFiles).prefix { file in
            bytes += file.utf8.count
            return bytes <= Self.mostFileBytes
        }
    }

    /// The most frequent ones, those that are equally frequent by their names.
    private static func most<Name>(_ counts: [Name: Int]) -> ArraySlice<(key: Name, value: Int)> {
        counts.sorted { $0.value != $1.value ? $0.value > $1.value : "\($0.key)" < "\($1.key)" }.prefix(mostNames)
    }
}
