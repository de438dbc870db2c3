// What np why shows, line for line.

import NeuraphageEvents
import NeuraphageProjections
import TestSupport
import Testing

@testable import np

@Suite("The page of np why", .apart)
struct StoryPageTests {
    /// The day of the trial: a task that waits for a lock, meets a conflict, and fails.
    static let day: LoggedDay = {
        let task = "checkout-discounts"
        let common = "/home/olga/shop/.git"
        let worktree = "/home/olga/wt/checkout-discounts"
        let place: [(String, JSONValue)] = [
            ("common_dir", .string(common)), ("repo", "/home/olga/shop"), ("worktree", .string(worktree)),
        ]
        func payload(_ members: [(String, JSONValue)]) -> Payload { Payload(.object(members + place)) }
        func commit(_ start: String) -> JSONValue { .string(start + String(repeating: "0", count: 40 - start.count)) }
        func move(_ commit: JSONValue, _ subject: String) -> Payload {
            payload([
                ("branch", "main"), ("commit", commit), ("how", "commits"), ("count", 1), ("subject", .string(subject)),
                ("author", "Olga"), ("files_count", 1),
            ])
        }
        var day = LoggedDay()
        day.add("04:49:33", .sessionStarted, ["session": "s0", "previous": "none"])
        let begin = day.add("04:49:34.1", .taskStarted, from: task, payload([("agent", "claude"), ("session", "s1")]))
        let session: Payload = ["agent": "claude", "session": "s1"]
        day.add("04:49:34.1", .agentSessionStarted, from: task, session)
        let turn = day.add(
            "04:49:34.2",
            .agentTurnStarted,
            from: task,
            ["agent": "claude", "session": "s1", "prompt_bytes": 19]
        )
        day.add("04:49:38", .mainUpdated, move(commit("aa11"), "main 1: readme"))
        let held = day.add("04:49:41", .lockAcquired, from: "db-migrate", ["resource": "migrations", "waited_ms": 0])
        let waiting = day.add(
            "04:49:43",
            .lockWaiting,
            from: task,
            [
                "resource": "migrations", "waited_ms": 1000, "waited_for": .string(held.description),
                "holder": "db-migrate",
            ]
        )
        let moved = day.add("04:49:44", .mainUpdated, move(commit("112e659"), "main 3: main changes cart"))
        let order = day.add(
            "04:49:44.05",
            .rebaseRequired,
            to: task,
            payload([("commits_behind", 3), ("cause", .string(moved.description)), ("commit", commit("112e659"))])
        )
        day.add(
            "04:49:45.95",
            .notificationRead,
            from: task,
            ["notification": .string(order.description), "by": .string(task), "commits_behind": 3, "session": "s1"]
        )
        for time in ["04:49:46.4", "04:49:46.9"] {
            day.add(
                time,
                .rebaseConflict,
                from: task,
                payload([
                    ("files", ["cart.txt"]), ("onto", commit("112e659")), ("cause", .string(order.description)),
                    (
                        "touched",
                        [
                            [
                                "file": "cart.txt", "count": 1,
                                "commits": [
                                    [
                                        "commit": commit("112e659"), "subject": "main 3: main changes cart",
                                        "author": "Olga",
                                    ]
                                ],
                            ]
                        ]
                    ),
                ])
            )
        }
        for number in 4...12 {
            day.add("04:49:\(number < 6 ? 47 : 50)", .mainUpdated, move(commit("d5f3\(number)"), "main \(number)"))
        }
        day.add(
            "04:49:54",
            .nudgeSent,
            to: "chekout-discounts",
            ["message": "coupons stack, see 812", "sender": "user"]
        )
        day.add("04:49:54.5", .sessionEnded, ["session": "s0"])
        day.add(
            "04:49:55",
            .lockReleased,
            from: "db-migrate",
            [
                "resource": "migrations", "held_ms": 14000, "begin": .string(held.description),
            ]
        )
        let taken = day.add(
            "04:49:55",
            .lockAcquired,
            from: task,
            [
                "resource": "migrations", "waited_ms": 12989, "begin": .string(waiting.description),
                "waited_for": .string(held.description),
            ]
        )
        day.add(
            "04:49:55.1",
            .lockReleased,
            from: task,
            ["resource": "migrations", "begin": .string(taken.description)]
        )
        day.add("04:49:55.2", .sessionStarted, ["session": "s2", "previous": "clean"])
        for (time, command, error) in [
            ("04:49:55.3", "make test", "exit code 2"), ("04:50:16.0", "make check", "exit code 1"),
        ] {
            let run = day.add(time, .runStarted, from: task, ["command": .string(command)])
            day.add(
                time,
                .runEnded,
                from: task,
                [
                    "begin": .string(run.description), "error": .string(error), "exit_code": 2, "duration_ms": 400,
                ]
            )
        }
        day.add(
            "04:50:16.1",
            .agentTurnEnded,
            from: task,
            [
                "agent": "claude", "session": "s1", "begin": .string(turn.description), "duration_ms": 41900,
            ]
        )
        day.add(
            "04:50:16.1",
            .taskFailed,
            from: task,
            [
                "error": "tests red after conflict", "begin": .string(begin.description),
            ]
        )
        return day
    }()

    @Test("tells the day of a task that waited for a lock, met a conflict, and failed, on one screen")
    func day() {
        let page = Self.day.page(of: "checkout-discounts", at: "04:50:20")
        #expect(
            page.joined(separator: "\n") == """
                checkout-discounts FAILED at 04:50:16, 42.0 s after claude began:
                tests red after conflict

                04:49:34.1           claude began, prompt of 19 bytes
                04:49:42.0  +12.9 s  waited for lock migrations, which db-migrate held 14.0 s
                04:49:44.0           main 112e659 "main 3: main changes cart" (Olga, 1 file)
                04:49:44.0             told to rebase, 3 behind; read after 1.9 s
                04:49:46.4  +500 ms      rebase: CONFLICT in cart.txt with 112e659, 2 times
                04:49:47.0  +3.0 s   main moved 9 times more: 12 behind, no attempt since
                04:49:55.3  +400 ms  run failed: make test: exit code 2
                04:50:16.0  +400 ms  run failed: make check: exit code 1
                04:50:16.1           FAILED: tests red after conflict

                Open    a conflict that was not resolved (since 04:49:46)
                        12 commits behind main
                        a nudge to chekout-discounts: "coupons stack, see 812"  (np's guess)
                Cause?  cart.txt: 112e659 and this branch both change it  (np's guess)
                Log     complete for these 42.0 s
                Next    git -C /home/olga/wt/checkout-discounts rebase 112e659
                        np show 01943200-0000-7000-8000-000000000033
                """
        )
    }

    @Test(
        "says of a session in which make test failed twice with no edit between, and whose agent gave up, exactly that"
    )
    func gaveUp() {
        let page = Self.gaveUp.page(of: "fix-parser", at: "15:00:00")
        #expect(
            page.joined(separator: "\n") == """
                fix-parser GAVE UP at 14:08:00, 8 min 0 s after claude began:
                make test failed twice with no edit between, and claude then gave up

                14:00:00.0               claude began, prompt of 40 bytes
                14:00:05.0  +7 min 25 s  make test failed twice with no edit between
                14:08:00.0               claude's session ended: prompt_input_exit

                Cause?  it gave up: it ended its turn with make test failing  (np's guess)
                Log     complete for these 8 min 0 s
                Next    cd /home/olga/wt/fix-parser && make test
                        np show 01943200-0000-7000-8000-000000000007
                """
        )
    }

    static let gaveUp: LoggedDay = {
        let task = "fix-parser"
        var day = LoggedDay()
        day.add(
            "14:00:00",
            .taskStarted,
            from: task,
            [
                "agent": "claude", "session": "s1", "worktree": "/home/olga/wt/fix-parser", "repo": "/home/olga/shop",
                "common_dir": "/home/olga/shop/.git",
            ]
        )
        day.add("14:00:00", .agentSessionStarted, from: task, ["agent": "claude", "session": "s1"])
        for (begin, end) in [("14:00:05", "14:04:15"), ("14:05:00", "14:07:30")] {
            let turn = day.add(
                begin,
                .agentTurnStarted,
                from: task,
                ["agent": "claude", "session": "s1", "prompt_bytes": 40]
            )
            day.add(
                end,
                .agentTurnEnded,
                from: task,
                [
                    "agent": "claude", "session": "s1", "begin": .string(turn.description),
                    "tools": ["n": 3, "failed": 1, "denied": 0, "names": ["Bash": 3]],
                    "failures": [["tool": "Bash", "n": 1, "input": "abc"]],
                    "checks": [["check": "make test", "n": 1, "failed": 1, "last": "failed"]],
                ]
            )
        }
        day.add(
            "14:08:00",
            .agentSessionEnded,
            from: task,
            [
                "agent": "claude", "session": "s1", "reason": "prompt_input_exit",
            ]
        )
        return day
    }()
}
