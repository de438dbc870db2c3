// What happens in a repository gets into the log by itself: by np watch, by the daemon, by git's hook.

import NeuraphageEvents
import TestSupport
import Testing

@Suite("Watching repositories", .apart)
struct WatchTests {
    let home: Home

    init() throws { home = try Home() }

    /// A repository with a worktree of the task t-1, and `seen KIND [COUNT]`, which waits until the log has so many.
    private static let begin = #"""
        export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.com
        export GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@example.com
        seen() { sh -c "$UNTIL" "[ \$(\"\$NP\" events -k $1 2>/dev/null | wc -l) -ge ${2:-1} ]"; }
        git init -q -b main repo && cd repo && git commit -q --allow-empty -m one
        git worktree add -q -b neuraphage/t-1 ../t-1
        "$NP" emit TaskStarted --task t-1 >/dev/null

        """#

    /// What the log says besides that the task of the worktree began, and has read what it was told.
    private func said() throws -> [String] {
        let events = try home.logged.map { try Event(line: $0) }
            .filter { $0.kind != .custom("NotificationRead") && !($0.kind == .taskStarted && $0.source == "t-1") }
        return events.map { event in
            [event.kind.description, (event.source ?? event.target)?.description].compactMap(\.self).joined(
                separator: " "
            )
        }
    }

    @Test(
        "the daemon that np init starts says what happens in the repository, and that a run was killed, until np uninit"
    )
    func daemon() async throws {
        let result = try await home.shell(
            Self.begin + #"""
                trap '"$NP" daemon stop 2>/dev/null' EXIT
                "$NP" init >/dev/null || exit
                git commit -q --allow-empty -m two
                seen RebaseRequired
                git -C ../t-1 merge -q main
                seen RebaseCompleted
                "$NP" run --task t-9 sh -c 'kill -9 $PPID'
                seen TaskFailed
                "$NP" daemon status | grep -c ok
                "$NP" uninit >/dev/null || exit
                git commit -q --allow-empty -m three
                """#
        )
        #expect(result.status == 0, "\(result.err)")
        let said = try said()
        #expect(
            said == [
                "SessionStarted", "MainUpdated", "RebaseRequired t-1", "RebaseCompleted t-1",
                "custom:NotificationSuperseded t-1", "TaskStarted t-9",
                "TaskFailed t-9", "SessionEnded",
            ]
        )
    }

    @Test("the daemon watches the repositories that it is configured to, as soon as they are there")
    func configured() async throws {
        let result = try await home.shell(
            Self.begin + #"""
                trap '"$NP" daemon stop 2>/dev/null' EXIT
                export NP_DAEMON_WATCH="$PWD" NP_DAEMON_FETCH_INTERVAL=0
                "$NP" daemon start >/dev/null || exit
                sh -c "$UNTIL" 'grep -q "watching $PWD, main at" ~/.local/share/neuraphage/daemon.log'
                git commit -q --allow-empty -m two
                seen RebaseRequired
                """#
        )
        #expect(result.status == 0, "\(result.err)")
        let said = try said()
        #expect(said == ["SessionStarted", "MainUpdated", "RebaseRequired t-1", "SessionEnded"])
    }

    @Test("np watch ends when its last repository is gone, and says so of each")
    func gone() async throws {
        let result = try await home.shell(
            Self.begin + #"""
                git init -q -b main ../other
                "$NP" watch --fetch 0 . ../other 2>../watching & watcher=$!
                sh -c "$UNTIL" '[ $(grep -c watching ../watching) = 2 ]'
                cd .. && rm -rf other
                sh -c "$UNTIL" 'grep -q "other is gone" watching'
                git -C repo commit -q --allow-empty -m two
                seen RebaseRequired
                rm -rf repo
                wait $watcher; code=$?
                tail -n 1 watching; exit $code
                """#
        )
        #expect(result.status == 1)
        #expect(result.lines.last == "np: the repository \(home("repo")) is gone")
    }

    @Test("a commit, of which no hook of git's tells, is seen when an agent is prompted next, and looked for once")
    func prompt() async throws {
        let result = try await home.shell(
            Self.begin + #"""
                export NP_AGENTS_RECORD=all
                prompt() { echo '{"session_id":"s","cwd":"'$PWD'","hook_event_name":"UserPromptSubmit"}' | "$NP" hook claude; }
                prompt
                # The task begins, which is looked for anyway.
                sh -c "$UNTIL" '[ -e ~/.local/share/neuraphage/repositories/*/state.jsonl ]'
                "$NP" watch --once
                git commit -q --allow-empty -m two
                prompt
                seen RebaseRequired
                state=$(echo ~/.local/share/neuraphage/repositories/*/state.jsonl)
                sh -c "$UNTIL" '[ '"$state"' -nt .git/logs/HEAD ]'
                before=$(stat -c %y "$state")
                prompt
                [ "$before" = "$(stat -c %y "$state")" ]
                """#
        )
        #expect(result.status == 0, "\(result.err)")
        #expect(try said().filter { $0 == "MainUpdated" }.count == 1)
    }

    @Test("git's hook has somebody look when nobody watches, and nobody when somebody does")
    func hook() async throws {
        let result = try await home.shell(
            Self.begin + #"""
                "$NP" init --no-daemon >/dev/null || exit
                "$NP" watch --once
                git commit -q --allow-empty -m two
                git checkout -q -B main
                seen RebaseRequired
                "$NP" watch --fetch 0 2>watching >watched & watcher=$!
                sh -c "$UNTIL" '[ -s watching ]'
                "$NP" inbox t-1 --ack >/dev/null
                git commit -q --allow-empty -m three
                seen RebaseRequired 2
                kill $watcher
                wait
                cat watched | wc -l
                cat watching
                """#
        )
        #expect(result.status == 0, "\(result.err)")
        #expect(result.lines.first == "2")
        #expect(result.lines.last?.hasPrefix("np: watching \(home("repo")), main at ") == true)
        let said = try said()
        #expect(said == ["MainUpdated", "RebaseRequired t-1", "MainUpdated", "RebaseRequired t-1"])
    }

    @Test(
        "np hook git exits with 0 and prints nothing, whatever it is given",
        arguments: [
            "reference-transaction committed", "reference-transaction prepared", "post-rewrite amend",
            "post-checkout old new 1",
            "no-such-hook", "", "--no-such-option", "reference-transaction",
        ]
    )
    func anything(arguments: String) async throws {
        for input in ["", "garbage\0\n\n refs/heads/", String(repeating: "0 1 refs/heads/main\n", count: 10_000)] {
            let result = try await home.shell(#""$NP" hook git \#(arguments)"#, input: input)
            #expect(result.status == 0 && result.out == "" && result.err == "", "\(result.err)")
        }
    }

    #if os(Linux)
    @Test("where the system lets nobody watch so much, np watch looks now and then, and says so")
    func limits() async throws {
        let result = try await home.shell(
            Self.begin + #"""
                unshare -Ur true 2>/dev/null || exit 77
                limited() { unshare -Ur sh -c "echo 0 >/proc/sys/user/max_inotify_$1"' && exec "$NP" watch --fetch 0'; }
                limited instances >blind 2>none & watcher=$!
                sh -c "$UNTIL" 'grep -q "watching.*main at" none'
                git commit -q --allow-empty -m zero
                sh -c "$UNTIL" '[ -s blind ]'
                pkill -P $watcher || kill $watcher
                limited watches >said 2>few & watcher=$!
                sh -c "$UNTIL" 'grep -q watching few'
                git commit -q --allow-empty -m two
                sh -c "$UNTIL" '[ -s said ]'
                pkill -P $watcher || kill $watcher
                cat none few
                """#
        )
        guard result.status != 77 else { return }  // no namespaces here
        #expect(result.status == 0, "\(result.err)")
        #expect(result.lines.first?.hasSuffix("raise fs.inotify.max_user_instances") == true)
        #expect(result.lines.contains { $0.hasSuffix("raise fs.inotify.max_user_watches") })
    }
    #endif

    @Test("explains what it cannot watch")
    func mistakes() async throws {
        let nowhere = try await home.np("watch")
        #expect(nowhere.status == 1)
        #expect(nowhere.err.contains("lies in no git repository that can be read"))
        #expect(try await home.np("watch", "--fetch", "10ms").status == 64)
        #expect(try await home.np("watch", "--once", "--fetch", "1m").err.contains("it doesn't fetch"))
        let off = try await home.np("watch", environment: ["NP_EVENTS_ENABLED": "false"])
        #expect(off.status == 1 && off.err.contains("nothing would be logged"))
    }
}
