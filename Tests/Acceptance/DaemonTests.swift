import NeuraphagePlatform
import TestSupport
import Testing

/// What `np` and the daemon do for each other. What the daemon's API promises is tested with the daemon.
@Suite("np and the daemon", .apart)
struct DaemonTests {
    private let home: Home

    init() throws {
        home = try Home()
    }

    /// Runs the body while a daemon serves, and ends that however the body ends.
    private func withDaemon(_ body: () async throws -> Void) async throws {
        let started = try await home.np("daemon", "start")
        #expect(started.status == 0)
        #expect(started.out.hasPrefix("running, pid "))
        do {
            try await body()
        } catch {
            try await home.np("daemon", "stop")
            throw error
        }
        let stopped = try await home.np("daemon", "stop")
        #expect(stopped.status == 0)
        #expect(stopped.out.hasPrefix("stopped, pid "))
    }

    @Test("start returns when it answers, status tells how it is, stop when it has ended")
    func lifeCycle() async throws {
        try await withDaemon {
            let again = try await home.np("daemon", "start")
            #expect(again.status == 0)
            #expect(again.out.hasPrefix("already running, pid "))
            let status = try await home.np("daemon", "status")
            #expect(status.status == 0)
            #expect(status.lines.contains("state        ok"))
            #expect(status.lines.contains("log          \(home.log)"))
        }
        let status = try await home.np("daemon", "status")
        #expect(status.status == 1)
        #expect(status.err == "np: no daemon runs for \(home.dataDirectory)\nhint: start one with: np daemon start\n")
        let kinds = try await home.np("events", "-o", "csv").lines.map { $0.split(separator: ",")[2] }
        #expect(kinds == ["kind", "SessionStarted", "SessionEnded"])
    }

    #if os(Linux)
    @Test("one whose directory cannot be made says which, and why")
    func directoryNotMade() async throws {
        let ended = try await home.shell(#": >file; NP_DATA_DIR=$PWD/file/data "$NP" daemon start"#)
        #expect(ended.status == 1)
        #expect(ended.err.hasPrefix("np: cannot make the directory "))
        #expect(ended.err.hasSuffix("/file/data: Not a directory\n"))
        let program = try await home.shell(#": >file; NP_DATA_DIR=$PWD/file/data "$NP" daemon run"#)
        #expect(program.status == 1)
        #expect(program.err.contains("cannot make the directory "))
        #expect(program.err.contains("/file/data: Not a directory"))
    }

    @Test("one in another container is stopped by asking it, and no other process is touched")
    func otherContainer() async throws {
        let ended = try await home.shell(
            #"""
            unshare -rpf --mount-proc true 2>/dev/null || exit 77
            unshare -rpf --mount-proc sh -c '"$NP" daemon start >started; sh -c "$UNTIL" "[ -e over ]"' &
            sh -c "$UNTIL" '[ -s started ]'
            unshare -rpf --mount-proc sh -c '
                others=; for i in $(seq 60); do sleep 1000 & others="$others $!"; done
                "$NP" daemon status | grep -c ^state; "$NP" daemon stop >/dev/null; echo $?; "$NP" daemon status; echo $?
                kill -0 $others && echo untouched'
            : >over; wait
            """#
        )
        guard ended.status != 77 else { return }  // no namespaces here
        #expect(ended.lines == ["1", "0", "1", "untouched"], "\(ended.err)")
    }

    @Test("np runs, locks, and hears agents where /proc is hidden, and ends no session that it cannot see")
    func hiddenProcesses() async throws {
        let ended = try await home.shell(
            #"""
            unshare -rm true 2>/dev/null || exit 77
            exec unshare -rm sh -c '
                mount -t tmpfs none /proc; export NP_AGENTS_RECORD=all
                "$NP" run --task t-2 -- echo ran; "$NP" lock build -- echo locked
                printf "{\"session_id\":\"s1\",\"cwd\":\"/\",\"hook_event_name\":\"SessionStart\"}" | "$NP" hook claude; echo $?
                "$NP" run --task t-3 -- true
                "$NP" events -o csv --no-pager | cut -d, -f3 | sort | uniq -c | tr -s " "'
            """#
        )
        guard ended.status != 77 else { return }  // no namespaces here
        let kinds = ended.lines.dropFirst(3)
        #expect(ended.lines.prefix(3) == ["ran", "locked", "0"], "\(ended.err)")
        #expect(
            kinds.contains(" 2 TaskCompleted") && !kinds.contains { $0.hasSuffix("AgentSessionEnded") },
            "\(ended.out)"
        )
    }
    #endif

    @Test("one whose directory was moved away says nothing about the one that came after it")
    func movedAway() async throws {
        let ended = try await home.shell(
            """
            start() { "$NP" daemon start | sed 's/.*pid \\([0-9]*\\).*/\\1/'; }
            first=$(start) && mv "$XDG_DATA_HOME/neuraphage" "$XDG_DATA_HOME/moved" && second=$(start)
            trap 'kill $second' EXIT
            cd "$XDG_DATA_HOME/neuraphage" && cp daemon.lock "$TMPDIR/before" && kill $first
            sh -c "$UNTIL" "! kill -0 $first 2>/dev/null" && test -s daemon.lock && cmp daemon.lock "$TMPDIR/before" &&
                "$NP" daemon status | grep "^pid *$second\\$"
            """
        )
        #expect(ended.status == 0, "\(ended.out)\(ended.err)")
    }

    #if os(Linux)
    @Test("one in the background keeps no descriptor, no directory and no environment of whoever started it")
    func keepsNothing() async throws {
        let result = try await home.shell(
            """
            mkdir here && cd here && exec 9>lock && flock -n 9 || exit 1
            export NP_TASK=t GIT_DIR=/nowhere ANTHROPIC_API_KEY=secret NP_TIME=utc LC_ALL=C
            "$NP" daemon start >"$TMPDIR/started" && exec 9>&- || exit 2
            pid=$(sed 's/.*pid \\([0-9]*\\).*/\\1/' "$TMPDIR/started")
            flock -n lock true || exit 3
            readlink "/proc/$pid/cwd"
            tr '\\0' '\\n' <"/proc/$pid/environ" | cut -d= -f1 | grep -E '^(NP|GIT|ANTHROPIC|LC)_|^HOME$' | sort
            cd .. && rm -r here && "$NP" daemon stop >/dev/null
            """
        )
        #expect(result.status == 0, "\(result.err)")
        #expect(result.lines == ["/", "HOME", "LC_ALL", "NP_TIME"])
    }

    /// A library in which letting a client in fails so many times at first.
    private static let accept = """
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <errno.h>
        #include <stdlib.h>
        #include <sys/socket.h>

        int accept4(int descriptor, struct sockaddr *address, socklen_t *size, int flags) {
            static int failures;
            int (*real)(int, struct sockaddr *, socklen_t *, int) = dlsym(RTLD_NEXT, "accept4");
            int client = real(descriptor, address, size, flags);
            if (client < 0 || failures++ >= atoi(getenv("FAILURES"))) return client;
            close(client);
            errno = EPERM;
            return -1;
        }
        """

    @Test("one that fails to let a client in lets in the next one")
    func transientFailure() async throws {
        try home.write(Self.accept, to: home("accept.c"))
        let served = try await home.shell(
            """
            clang -include unistd.h -shared -fPIC -o accept.so accept.c || exit 1
            LD_PRELOAD="$PWD/accept.so" FAILURES=3 "$(dirname "$NP")/np-daemon" >said 2>warnings & pid=$!
            trap 'kill $pid' EXIT
            sh -c "$UNTIL" 'grep -q serving said'
            sh -c "$UNTIL" '"$NP" daemon status' && cat warnings
            """
        )
        #expect(served.status == 0, "\(served.err)")
        #expect(served.out.contains("Letting clients in has failed, and is tried again: "))
        #expect(served.out.contains("state        ok"))
    }

    @Test("one that can let in no client any more ends in order, with the reason and as a failure")
    func lastingFailure() async throws {
        try home.write(Self.accept, to: home("accept.c"))
        let failed = try await home.shell(
            """
            clang -include unistd.h -shared -fPIC -o accept.so accept.c || exit 9
            LD_PRELOAD="$PWD/accept.so" FAILURES=1000000 "$(dirname "$NP")/np-daemon" >said & pid=$!
            sh -c "$UNTIL" 'grep -q serving said'
            sh -c "$UNTIL" '"$NP" daemon status 2>/dev/null; ! kill -0 '$pid' 2>/dev/null'
            wait $pid
            """
        )
        #expect(failed.status == 1)
        #expect(failed.err.contains("np-daemon: no client can be let in any more: "))
        #expect(try home.logged.count == 2 && home.logged.last?.contains("SessionEnded") == true)
        #expect(try home.read(home.dataDirectory + "/daemon.lock").isEmpty)
        let socket = try await home.shell("test -e neuraphage.sock", in: home.dataDirectory)
        #expect(socket.status == 1)
    }

    @Test(
        "of one that hangs every command says so, with its process",
        arguments: [
            ["daemon", "status"], ["daemon", "stop"], ["daemon", "start"], ["init", "repo"],
            ["events", "-f", "--live"],
            ["emit", "FileModified"],
        ]
    )
    func hangs(arguments: [String]) async throws {
        #expect(
            try await home.shell(
                "git init -q repo && cd repo && git commit -q --allow-empty -m x",
                environment: gitUser
            ).status == 0
        )
        let started = try await home.np("daemon", "start")
        let pid = try #require(started.out.split(separator: "pid ").last?.split(separator: ",").first)
        defer { kill(pid_t(pid) ?? 0, SIGKILL) }
        #expect(try await home.shell("kill -STOP \(pid)").status == 0)
        let result = try await home.run(Home.np, arguments)
        #expect(result.status != 0)
        #expect(
            result.err.contains("the daemon, pid \(pid), does not answer\nhint: kill -9 \(pid) ends it"),
            "\(result.err)"
        )
        if arguments.first == "init" {
            let status = try await home.np("init", "--status", "repo")
            #expect(status.lines.contains { $0.contains("the daemon, pid \(pid), does not answer") }, "\(status.out)")
        }
    }

    private let gitUser = [
        "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b",
    ]
    #endif

    @Test("of five starts at once one daemon comes, and all five name it")
    func fiveStarts() async throws {
        let home = home
        try await withThrowingTaskGroup(of: Finished.self) { group in
            for _ in 0..<5 { group.addTask { try await home.np("daemon", "start") } }
            var pids: Set<Substring> = []
            for try await finished in group {
                #expect(finished.status == 0, "\(finished.err)")
                if let pid = finished.out.split(separator: "pid ").last?.split(separator: ",").first {
                    pids.insert(pid)
                }
            }
            #expect(pids.count == 1)
        }
        try await home.np("daemon", "stop")
        let starts = try await home.np("events", "-k", "SessionStarted").lines
        #expect(starts.count == 1)
    }

    @Test("a start that cannot succeed says why, in the daemon's own words")
    func refusal() async throws {
        try home.makeDirectory(home.dataDirectory)
        #expect(try await home.shell("chmod 0755 '\(home.dataDirectory)'").status == 0)
        let refused = try await home.np("daemon", "start")
        #expect(refused.status == 1)
        #expect(refused.err.contains("np-daemon: "))
        #expect(refused.err.contains(home.dataDirectory))
    }

    @Test("what a daemon in the background has to say goes to daemon.log, also after that was deleted")
    func ownLog() async throws {
        try await withDaemon {
            let said = try await home.shell(
                #"""
                cd "$(dirname "$LOG")"
                rm daemon.log
                mv event_log.jsonl old && mkdir event_log.jsonl
                # That the file has another name is noticed within 100 ms.
                sh -c "$UNTIL" "curl -s --unix-socket neuraphage.sock http://np/v1/events >/dev/null \
                    -H 'Content-Type: application/json' -d '{\"kind\":\"TaskStarted\"}'
                    grep -s event_log.jsonl daemon.log"
                rmdir event_log.jsonl
                """#,
                environment: ["LOG": home.log]
            )
            #expect(said.out.contains("warning: "))
        }
    }

    @Test("an ephemeral event reaches who follows live, and is not in the log")
    func ephemeral() async throws {
        try await withDaemon {
            try await home.np(["events", "-f", "--live"]) { running in
                #expect(try await running.nextLine()?.contains("SessionStarted") == true)
                let durable = try await home.np("emit", "TaskStarted", "--task", "a")
                #expect(durable.status == 0)
                #expect(try await running.nextLine()?.contains("TaskStarted") == true)
                let emitted = try await home.np("emit", "FileModified", "--task", "a", "path=x.swift")
                #expect(emitted.status == 0)
                #expect(emitted.lines.count == 1)
                #expect(emitted.err == "np: not logged: FileModified is ephemeral\n")
                #expect(try await running.nextLine()?.hasSuffix("FileModified     a          → x.swift") == true)
            }
            #expect(try await home.np("events", "-k", "FileModified").out == "")
        }
    }

    @Test("without a daemon an ephemeral event reaches nobody, which is an error")
    func noDaemon() async throws {
        let emitted = try await home.np("emit", "FileModified")
        #expect(emitted.status == 1)
        #expect(emitted.err.contains("no daemon runs that could pass it on; start one with: np daemon start"))
        let followed = try await home.np("events", "-f", "--live")
        #expect(followed.status == 1)
        #expect(followed.err.contains("start one with: np daemon start"))
    }
}
