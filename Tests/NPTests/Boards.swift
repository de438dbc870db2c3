// Boards made by hand, as the gatherer would have put them together.

import NeuraphageEvents
import NeuraphageProjections

@testable import NeuraphageStatus
@testable import np

enum Boards {
    /// 2026-01-11 15:30:00.
    static let now = Timestamp(microsecondsSinceEpoch: 1_768_145_400_000_000)

    /// A task's state that has gone on for so many seconds.
    static func status(
        _ task: String,
        _ phase: TaskStatus.Phase,
        for seconds: Int64? = 90,
        _ detail: String = "",
        source: TaskStatus.Evidence.Source = .process,
        words: String = "",
        heard: Int64? = nil,
        behind: Int? = nil,
        unread: Int = 0,
        in repository: String? = "/src/shop"
    ) -> TaskStatus {
        let since = seconds.map { now - .seconds($0) }
        let time = heard.map { now - .seconds($0) } ?? since
        var status = TaskStatus(
            task: TaskID(asWritten: task),
            phase: phase,
            since: since,
            evidence: .init(source: source, words: words, event: nil, time: time),
            detail: detail,
            logged: LoggedTask(TaskID(asWritten: task))
        )
        if let repository {
            status.places = [
                .init(repository: repository, worktree: "\(repository)-\(task)", branch: task)
            ]
        }
        if !status.places.isEmpty { status.places[0].behind = behind }
        status.logged.otherUnread = unread
        return status
    }

    static func board(_ tasks: [TaskStatus], repositories: [String] = ["shop"]) -> TaskBoard {
        var board = TaskBoard(at: now)
        board.tasks = tasks
        board.daemon = .running
        board.repositories = repositories.map { name in
            var repository = TaskBoard.Repository(path: "/src/\(name)", name: name)
            repository.main = "main"
            repository.commit = "d5f38a7c0ffee"
            repository.moved = now - .seconds(6)
            repository.movesToday = 12
            return repository
        }
        return board
    }

    /// The operator's day.
    static var day: TaskBoard {
        board([
            status("docs", .merged, for: 300, "68fae73"),
            status(
                "dark-mode",
                .asks,
                for: 330,
                "wants to use Bash",
                source: .log,
                words: "no end seen",
                behind: 14,
                unread: 1
            ),
            status("checkout-discounts", .failed, for: 40, "conflict in cart.txt with 112e659", behind: 14),
            status("fix-parser", .merged, for: 130, "0cd07cb"),
            status("search-index", .exited, for: 210, "codex's process is gone", behind: 10),
            status("api-rate-limit", .asked, for: 250, "asks which limit to use", behind: 14),
            status("spike-wasm", .cancelled, for: 170, "worktree removed"),
            status("db-migrate", .done, for: 250, "in 14 min", behind: 14),
        ])
    }

    /// The lines of a board.
    static func lines(
        _ board: TaskBoard,
        width: Int? = 80,
        all: Bool = false,
        only wanted: Set<TaskID> = [],
        colored: Bool = false,
        numbered: Bool = true
    ) -> [String] {
        let listing = board.listing(all: all, only: wanted)
        var screen = BoardScreen(board: board, listing: listing, clock: .utc, width: width)
        screen.isNumbered = numbered
        return screen.text(Style(isColored: colored))
    }
}
