// What np shows, line for line.

import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageProjections
import TestSupport
import Testing

@testable import NeuraphageStatus
@testable import np

@Suite("The screen of np", .apart)
struct BoardScreenTests {
    @Test("shows a day's tasks on 80 columns, what your silence costs most first")
    func day() {
        #expect(
            Boards.lines(Boards.day).joined(separator: "\n") == """
                shop · main d5f38a7, moved 6 s ago · 8 tasks, 2 wait for you, 2 went wrong

                     TASK               STATE       FOR BEHIND UNREAD WHAT
                1  ! dark-mode          asks you  5 min     14      1 wants to use Bash
                2  ! api-rate-limit     asked you 4 min     14        asks which limit to use
                3  x checkout-discounts failed     40 s     14        conflict in cart.txt with…
                4  x search-index       exited    3 min     10        codex's process is gone
                5 ok fix-parser         merged    2 min               0cd07cb
                6  - spike-wasm         cancelled 2 min               worktree removed
                7 ok db-migrate         done      4 min     14        in 14 min
                8 ok docs               merged    5 min               68fae73

                next: np go 1 · np why 3 · np --watch
                """
        )
    }

    @Test("shows more of each on 100 columns, and cuts nothing in a pipe")
    func wide() {
        #expect(
            Boards.lines(Boards.day, width: 100).joined(separator: "\n") == """
                shop · main d5f38a7, moved 6 s ago, 12 times today · 8 tasks, 2 wait for you, 2 went wrong

                     TASK                STATE        FOR  BEHIND  UNREAD  WHAT
                1  ! dark-mode           asks you   5 min      14       1  wants to use Bash (no end seen)
                2  ! api-rate-limit      asked you  4 min      14          asks which limit to use
                3  x checkout-discounts  failed      40 s      14          conflict in cart.txt with 112e659
                4  x search-index        exited     3 min      10          codex's process is gone
                5 ok fix-parser          merged     2 min                  0cd07cb
                6  - spike-wasm          cancelled  2 min                  worktree removed
                7 ok db-migrate          done       4 min      14          in 14 min
                8 ok docs                merged     5 min                  68fae73

                next: np go 1 · np why 3 · np --watch
                """
        )
        #expect(
            Boards.lines(Boards.day, width: nil, numbered: false).suffix(9).joined(separator: "\n") == """
                 ! api-rate-limit      asked you  4 min      14          asks which limit to use
                 x checkout-discounts  failed      40 s      14          conflict in cart.txt with 112e659
                 x search-index        exited     3 min      10          codex's process is gone
                ok fix-parser          merged     2 min                  0cd07cb
                 - spike-wasm          cancelled  2 min                  worktree removed
                ok db-migrate          done       4 min      14          in 14 min
                ok docs                merged     5 min                  68fae73

                next: np go dark-mode · np why checkout-discounts · np --watch
                """
        )
    }

    @Test("says by color what it says by shape, and nothing more")
    func color() {
        let plain = Boards.lines(Boards.day)
        let colored = Boards.lines(Boards.day, colored: true)
        #expect(colored[3].hasPrefix("\u{1b}[2m1 \u{1b}[0m\u{1b}[1;33m !\u{1b}[0m \u{1b}[1mdark-mode\u{1b}[0m"))
        #expect(colored[5].contains("\u{1b}[31m x\u{1b}[0m") && colored[7].contains("\u{1b}[32mok\u{1b}[0m"))
        #expect(colored.map { $0.replacing(/\u{1b}\[[0-9;]*m/, with: "") } == plain)
    }

    @Test("leaves out columns that say nothing, and shows a wait of less than a minute quietly")
    func quiet() {
        let board = Boards.board([
            Boards.status("a", .asks, for: 59, "wants to use Edit"), Boards.status("b", .working, for: 7_300, "edits"),
        ])
        let lines = Boards.lines(board)
        #expect(
            lines[2...4] == [
                "     TASK  STATE      FOR  WHAT", "1  . a     asks you  59 s  wants to use Edit",
                "2  > b     working    2 h  edits",
            ]
        )
        #expect(!Boards.lines(board, colored: true).joined().contains("\u{1b}[1;33m"))
        #expect(lines[0] == "shop · main d5f38a7, moved 6 s ago, 12 times today · 2 tasks, 1 waits for you")
    }

    @Test("leaves out and counts what ended more than an hour ago, but not what was asked for")
    func earlier() {
        let board = Boards.board([
            Boards.status("now", .working), Boards.status("late", .merged, for: 3_600),
            Boards.status("old", .merged, for: 3_601), Boards.status("older", .cancelled, for: 90_000),
        ])
        let lines = Boards.lines(board)
        #expect(lines.contains { $0.contains("late") } && !lines.contains { $0.contains("old") })
        #expect(lines.contains("2 ended earlier: np tasks --all"))
        #expect(Boards.lines(board, all: true).filter { $0.contains("old") }.count == 2)
        #expect(board.listing(all: false, only: ["older"]).tasks.map(\.task) == ["older"])
    }

    @Test("says what is abnormal in a line below, and what np rests on where it cannot be sure")
    func doubtful() {
        var loop = Boards.status("loop", .working, for: 600, "runs make test")
        loop.remarks = [.init(flag: .loop, words: "make test failed 4 times, no edit between")]
        let board = Boards.board([
            loop,
            Boards.status(
                "far",
                .unknown,
                for: nil,
                "",
                source: .log,
                words: "a turn began in a container",
                heard: 540
            ),
            Boards.status("heard", .working, for: 900, "thinks", source: .log, words: "a tool ended", heard: 240),
        ])
        let lines = Boards.lines(board)
        #expect(lines.contains("1  > heard  working  15 min  thinks (a tool ended, 4 min ago)"))
        #expect(lines.contains("2  > loop   working  10 min  runs make test"))
        #expect(lines.contains("     LOOP make test failed 4 times, no edit between"))
        #expect(lines.contains("3  ? far    unknown       ?  a turn began in a container, 9 min ago"))
        #expect(lines[0].hasSuffix("3 tasks, none is known to wait for you, 1 unknown"))
    }

    @Test("says when a limit ends")
    func limited() {
        var status = Boards.status("a", .limited, for: 60, "rate limit")
        status.until = Boards.now + .seconds(1_800)
        #expect(Boards.lines(Boards.board([status]))[3] == "1 || a     limited  1 min  until 16:00, rate limit")
        status.until = Boards.now + .seconds(86_400)
        #expect(Boards.lines(Boards.board([status]))[3].contains("until 01-12 15:30, rate limit"))
    }

    @Test("names the repository of each task where there are several")
    func repositories() {
        let board = Boards.board(
            [
                Boards.status("a", .working), Boards.status("b", .asks, in: "/src/api"),
                Boards.status("c", .done, in: nil),
            ],
            repositories: ["shop", "api"]
        )
        #expect(
            Boards.lines(board).joined(separator: "\n") == """
                3 tasks, 1 waits for you
                shop · main d5f38a7, moved 6 s ago, 12 times today
                api · main d5f38a7, moved 6 s ago, 12 times today

                     TASK  REPO  STATE       FOR  WHAT
                1  ! b     api   asks you  1 min
                2  > a     shop  working   1 min
                3 ok c           done      1 min

                next: np go 1 · np --watch
                """
        )
    }

    @Test("tells of what belongs to no task alone in a line each, and only if there is something to tell")
    func notices() {
        #expect(Boards.lines(Boards.board([Boards.status("a", .working)])).count == 6)
        var board = Boards.board([Boards.status("a", .working), Boards.status("idle", .notRecorded)])
        var agent = TaskBoard.UnrecordedAgent(agent: "claude", directory: "/src/x")
        agent.pid = 47
        board.unrecordedAgents = [agent]
        var message = TaskBoard.Undelivered(to: "chekout", message: EventID("m"), time: Boards.now)
        message.suggestion = "checkout"
        board.undelivered = [message]
        func party(_ task: String, _ seconds: Int64) -> TaskBoard.Lock.Party {
            .init(task: task, pid: nil, since: Boards.now - .seconds(seconds))
        }
        board.locks = [
            .init(name: "migrations", holders: [party("a", 14)], waiters: [party("b", 13)]),
            .init(name: "build", holders: [party("c", 70)], waiters: []),
        ]
        (board.lostEvents, board.waitingEvents, board.gaps, board.skippedLines) = (1, 3, 1, 2)
        board.daemon = .died
        #expect(
            Boards.lines(board, width: nil).dropFirst(5).joined(separator: "\n") == """
                1 agent is not recorded: claude (pid 47) in /src/x
                1 worktree has no agent: shop-idle
                1 message reached no task: chekout (did you mean checkout?)
                lock migrations: held by a 14 s; b 13 s waits for it
                lock held: build by c 1 min
                1 event was lost today: np events -k LogGap
                3 events wait in the reserve for a log that can be written
                the log has 1 gap and 2 unreadable lines: np events verify
                the daemon died: np daemon start
                next: np --watch
                """
        )
    }

    @Test("tells of named tasks and their repositories, and of nothing that concerns others")
    func named() {
        let tasks = [
            Boards.status("cart", .working, in: "/src/shop"), Boards.status("login", .working, in: "/src/web"),
        ]
        var board = Boards.board(tasks, repositories: ["shop", "web"])
        board.unrecordedAgents = [.init(agent: "claude", directory: "/elsewhere")]
        board.locks = [.init(name: "build", holders: [.init(task: "login", pid: 1, since: nil)], waiters: [])]
        board.skippedLines = 1
        let lines = Boards.lines(board, only: ["cart"])
        #expect(lines.first?.hasPrefix("shop · main") == true && !lines.contains { $0.contains("web") })
        #expect(!lines.contains { $0.contains("elsewhere") || $0.contains("lock held") })
        #expect(lines.contains { $0.contains("1 unreadable line") })
        #expect(Boards.lines(board).contains { $0.contains("lock held: build by login") })
    }

    @Test("names a task in a command so that it is no option")
    func option() {
        let board = Boards.board([Boards.status("-rf", .failed)])
        #expect(Boards.lines(board, numbered: false).last?.contains("np why task:-rf ·") == true)
    }

    @Test("says how old a look at main is, from five seconds on")
    func age() {
        var board = Boards.board([Boards.status("cart", .working)])
        board.repositories[0].seen = Boards.now - .seconds(4)
        #expect(Boards.lines(board)[0].hasPrefix("shop · main d5f38a7, moved 6 s ago, 12 times today · 1 task"))
        board.repositories[0].seen = Boards.now - .seconds(180)
        #expect(Boards.lines(board, width: 120)[0].contains(", 12 times today, as of 3 min ago · 1 task"))
        #expect(Boards.lines(board, width: 60)[1].contains("as of 3 min ago"))
    }

    @Test("shows the past as the past")
    func past() {
        var board = Boards.board([Boards.status("a", .asks)])
        board.isPast = true
        board.daemon = .unknown
        let lines = Boards.lines(board, width: nil)
        #expect(lines[0].contains("at 2026-01-11 15:30:00 · 1 task, 1 waits for you"))
        #expect(lines.count == 4)
    }

    @Test("keeps columns in line for wide characters and marks, and shows what a terminal would act on")
    func wideNames() {
        let names = ["修复解析器", "emoji-🚀", "cafe\u{301}", "plain", "evil\u{1b}[31m\u{202e}x"]
        let board = Boards.board(names.map { Boards.status($0, .working, "edits\u{7}") })
        for width in [60, 80, 100] {
            let lines = Boards.lines(board, width: width)
            let columns = lines.filter { $0.contains("working") }.map {
                $0.split(separator: "working")[0].description.cells
            }
            #expect(columns.count == names.count && Set(columns).count == 1)
            #expect(lines.joined().unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x202e })
        }
        #expect(Boards.lines(board).contains { $0.contains(#"evil\u001b[31m\u202ex"#) && $0.contains(#"edits\u0007"#) })
    }

    @Test("is never wider than the terminal", arguments: [1, 10, 20, 33, 40, 60, 79, 80, 81, 120, 200])
    func narrow(width: Int) {
        var board = Boards.day
        let long = String(repeating: "修", count: 40)
        board.tasks += [Boards.status(long, .working, long, behind: 100_000, unread: 123_456)]
        board.tasks += [Boards.status("e\u{301}\u{301}" + long, .conflict, "x", in: "/src/api")]
        board.repositories += [TaskBoard.Repository(path: "/src/api", name: long)]
        board.undelivered = [TaskBoard.Undelivered(to: long, message: EventID("m"), time: Boards.now)]
        for line in Boards.lines(board, width: width) {
            #expect(line.cells <= width, "\(line)")
            #expect(line.last != " ")
        }
        // A short name gains nothing by a long text.
        let short = Boards.lines(Boards.board([Boards.status("a", .working, long)]), width: width)
        if width >= 40 { #expect(short.contains { $0.contains(#/^1  > a {4,5}working /#) }, "\(short)") }
    }

    @Test("numbers 5,000 tasks in order, each in one line")
    func many() {
        let phases = TaskStatus.Phase.allCases
        let tasks = (0..<5_000).map { Boards.status("task-\($0)", phases[$0 % phases.count], for: Int64($0 % 3_000)) }
        let board = Boards.board(tasks)
        let listing = board.listing(all: true)
        let lines = Boards.lines(board, all: true)
        #expect(listing.tasks.count == 5_000 && lines.count == 5_005)
        #expect(lines[3].hasPrefix("   1  ! task-") && lines[5_002].hasPrefix("5000 "))
        for (number, task) in listing.tasks.enumerated() { #expect(lines[number + 3].contains(" \(task.task) ")) }
    }

    @Test("shows nothing but the top where no task is to be shown")
    func nothing() {
        let board = Boards.board([Boards.status("old", .merged, for: 10_000)])
        #expect(
            Boards.lines(board) == [
                "shop · main d5f38a7, moved 6 s ago, 12 times today · 0 tasks", "", "1 ended earlier: np tasks --all",
            ]
        )
    }
}
