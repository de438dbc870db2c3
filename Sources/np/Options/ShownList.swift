// The list of tasks that `np` has numbered last in this terminal, so that `np go 1` means what the user saw under 1.
//
// A number is never resolved against anything else: tasks change their places from one moment to the next. So the list is
// forgotten before another one is printed and remembered afterwards, and np numbers nothing where it cannot forget. Each
// terminal has its own list: what another one shows, and what an agent reads from a pipe, changes no number here.

import NeuraphageEvents
import NeuraphagePlatform
import NeuraphagePresentation
import NeuraphageSystem

struct ShownList: Equatable {
    /// The tasks' names as the log has them. The first one's number is 1.
    var tasks: [String]
    /// The names of tasks, listed or not, that look like numbers of this list.
    var ambiguous: [String]
    var time: Timestamp

    /// The list that was printed.
    ///
    /// - Parameter all: All tasks that there are.
    init(of tasks: [TaskID], among all: some Sequence<TaskID>, at time: Timestamp) {
        self.tasks = tasks.map(\.description)
        self.time = time
        ambiguous = all.map(\.description).filter { name in
            Int(name).map { 1...max(tasks.count, 1) ~= $0 } ?? false
        }
    }

    fileprivate init?(_ bytes: [UInt8]) {
        guard let payload = try? Payload(json: String(decoding: bytes, as: UTF8.self)),
            let time = payload.string("time").flatMap({ Timestamp($0) })
        else { return nil }
        self.time = time
        tasks = payload.strings(at: "tasks")
        ambiguous = payload.strings(at: "ambiguous")
    }

    fileprivate var json: String {
        func array(_ names: [String]) -> JSONValue { .array(names.map { .string($0) }) }
        let payload: Payload = [
            "time": .string(time.description), "tasks": array(tasks), "ambiguous": array(ambiguous),
        ]
        return payload.json
    }

    /// The task that a word means by its number; `nil` if the word is no number.
    ///
    /// - Parameter list: What was shown last in this terminal.
    static func task(_ word: String, in list: ShownList?) throws(OperationError) -> TaskID? {
        let isMarked = word.hasPrefix("%")
        let digits = isMarked ? word.dropFirst() : Substring(word)
        guard !digits.isEmpty, digits.utf8.allSatisfy({ 0x30...0x39 ~= $0 }), isMarked || digits.first != "0",
            let number = Int(digits), isMarked || list != nil
        else { return nil }
        guard let list else {
            throw OperationError(.usage, "no tasks were numbered in this terminal yet", hint: "np numbers them")
        }
        guard list.tasks.indices.contains(number - 1) else {
            // As a name it may be one.
            guard isMarked else { return nil }
            throw OperationError(
                .usage,
                "the list shown here has the numbers 1 to \(list.tasks.count)",
                hint: "np shows it again"
            )
        }
        let task = list.tasks[number - 1]
        if !isMarked, task != word, list.ambiguous.contains(word) {
            throw OperationError(
                .usage,
                "'\(word)' is \(task) in the list shown here, and another task's name",
                hint: "say %\(word) for \(task), or \(literalPrefix)\(word) for the task of that name"
            )
        }
        return TaskID(asWritten: task)
    }

    static let literalPrefix = TaskWord.literalPrefix
}

/// Where the list of a terminal is kept.
struct ShownListFile {
    /// How long the list of a terminal that may be gone is kept.
    private static let lifetime = Duration.seconds(7 * 86_400)
    private static let mostBytes = 4 << 20

    private let path: String
    private let directory: String
    private let files: any FileSystem

    /// The file for a data directory, and the session of this process: each terminal has one, and each pane of tmux. `nil`
    /// if this process belongs to none.
    init?(in data: DataDirectory) {
        let session = getsid(0)
        // Without its start it could be a later session of the same number.
        guard session > 0, let start = ProcessStatus(of: session, in: data.files)?.start, start > 0 else { return nil }
        let key = "\(ProcessNumbering.here(data.files)) \(session) \(start)"
        self.init(path: data.shownList(StableHash.name(of: key)), data.files)
    }

    init(path: String, _ files: any FileSystem) {
        self.path = path
        self.files = files
        directory = path.parentDirectory
    }

    /// Forgets the list.
    ///
    /// - Returns: Whether it is sure to be forgotten.
    func forget() -> Bool {
        do throws(SystemError) {
            try files.remove(path)
        } catch {
            return error.code == ENOENT || error.code == ENOTDIR
        }
        return true
    }

    /// Remembers what was printed. If that fails, a number means nothing.
    func remember(_ list: ShownList) {
        _ = try? files.makeDirectories(directory)
        removeOld(list.time)
        try? WholeFile.replace(path, with: list.json, in: files)
    }

    /// The list that was shown last; `nil` if there is none.
    var list: ShownList? {
        (try? files.bytes(of: path, atMost: Self.mostBytes)).flatMap(ShownList.init)
    }

    private func removeOld(_ now: Timestamp) {
        for name in (try? files.names(in: directory)) ?? [] {
            let path = directory.appendingPathComponent(name)
            guard let time = try? files.modificationTime(at: path) else { continue }
            if now - Timestamp(microsecondsSinceEpoch: Int64(time.tv_sec) * 1_000_000) > Self.lifetime {
                try? files.remove(path)
            }
        }
    }
}
