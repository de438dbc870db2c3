// np lock as processes: whoever waits gets the lock, and gets it once; whoever dies gives it back.

import NeuraphageEvents
import NeuraphagePlatform
import Subprocess
import TestSupport
import Testing

@testable import NeuraphageSystem
@testable import NeuraphageTasks

@Suite("np lock", .apart)
struct LockTests {
    /// Starts a holder of the lock `build` in the background, and waits until it has it. It gives the lock back when
    /// somebody writes to the pipe `go`.
    private static let holder = """
        mkfifo held go
        "$NP" lock build --task holder -- sh -c 'echo >held; read x <go; echo out >>trace' & holder=$!
        read x <held

        """

    let np: NPProcess

    init() throws {
        np = try NPProcess()
    }

    /// The events in the log, but for those that a wait leaves on a busy machine only.
    private func logged() throws -> [Event] { try np.loggedEvents().filter { $0.kind != .lockWaiting } }

    /// The same, as `Kind source {payload}`, without the times in the payload, and without what it names.
    private func events() throws -> [String] {
        let events = try logged()
        expectAsInTable(events)
        return events.map { event in
            let payload = event.payload.json.replacing(/,"(held|waited)_ms":[0-9]+/, with: "")
                .replacing(/,"(begin|waited_for)":"[^"]*"/, with: "")
            return "\(event.kind) \(event.source?.description ?? "-") \(payload)"
        }
    }

    // MARK: - Holding

    @Test("runs the command as if it were not there, and logs both ends")
    func success() async throws {
        let outcome = try await np.start(
            NPProcess.path,
            ["lock", "build", "--task", "t-1", "--", "sh", "-c", "cat; echo $NP_TASK; echo err >&2; exit 5"],
            input: "in\n"
        )
        #expect(outcome.status == .exited(5))
        #expect(outcome.output == "in\nt-1\n")
        #expect(outcome.error == "err\n")
        #expect(
            try events() == [
                #"LockAcquired t-1 {"resource":"build","exclusive":true}"#,
                #"LockReleased t-1 {"resource":"build","exclusive":true}"#,
            ]
        )
        let times = try logged().map { $0.payload["waited_ms"] ?? $0.payload["held_ms"] }
        for time in times { #expect((0..<60_000).contains(try #require(time.flatMap { Int($0.text) }))) }
    }

    @Test("gives a command of very many words all of them")
    func manyWords() async throws {
        let outcome = try await np.script(
            #""$NP" lock build -- sh -c 'shift 59999; echo $# $1' sh $(seq 60000)"#
        )
        #expect(outcome.output == "1 60000\n", "\(outcome)")
    }

    @Test("waits until the lock is free", arguments: ["", "--wait 2m", "--wait 600000w"])
    func waiting(option: String) async throws {
        let outcome = try await np.script(
            Self.holder + """
                "$NP" lock build --task next \(option) -- sh -c 'echo in >>trace' & next=$!
                echo >go
                wait $holder && wait $next && cat trace
                """
        )
        #expect(outcome.output == "out\nin\n", "\(outcome)")
        #expect(try logged().map { $0.source?.description } == ["holder", "holder", "next", "next"])
    }

    @Test("says when it begins to wait, and for whom")
    func saysThatItWaits() async throws {
        let outcome = try await np.script(
            Self.holder + """
                "$NP" lock build --task next -- echo ran 2>said & next=$!
                sh -c "$UNTIL" '[ -s said ]'
                echo >go
                wait $next && cat said >&2
                """
        )
        #expect(outcome.output == "ran\n")
        let says = /np: waiting for the lock 'build', held by holder, pid [0-9]+ \(sh -c .*\) since 20[-0-9]+ [:0-9]+\n/
        #expect(try says.wholeMatch(in: outcome.error) != nil, "\(outcome.error)")
    }

    @Test("exits with 3 and says who holds the lock if it is not free in time", arguments: ["0", "300ms", "1s"])
    func timeOut(wait: String) async throws {
        let outcome = try await np.script(
            Self.holder + """
                "$NP" lock build --wait \(wait) -- touch ran; echo $?
                echo >go; wait; ls ran 2>/dev/null
                """
        )
        #expect(outcome.output == "3\n")
        let command = #"sh -c 'echo >held; read x <go; echo out >>trace'"#
        let says = try Regex(
            #"^np: the lock 'build' is held by holder, pid [0-9]+ \((.*)\) since 20[-0-9]+ [:0-9]+$"#
        )
        let lines = outcome.error.split(separator: "\n")
        #expect(wait != "0" || lines.count == 1, "waits though it must not")
        let match = try #require(try says.wholeMatch(in: lines.last ?? ""), "\(outcome.error)")
        #expect(match.output[1].substring == command[...])
        // A wait that was given up is logged; who was told not to wait has given up nothing.
        let events = try logged()
        #expect(
            events.map(\.kind)
                == [.lockAcquired] + (wait == "0" ? [] : [.lockTimedOut]) + [.lockReleased]
        )
        if wait != "0" {
            let payload = try #require(events.dropFirst().first).payload
            #expect(payload.string("resource") == "build" && payload.string("holder") == "holder")
            let waited = try #require(payload["waited_ms"].flatMap { Int($0.text) })
            #expect(waited >= (wait == "1s" ? 1_000 : 300))
        }
    }

    @Test("lets several share a lock, and nobody else have it meanwhile")
    func sharing() async throws {
        let outcome = try await np.script(
            """
            mkfifo held go; exec 3<>held 4<>go
            for i in 1 2; do
                "$NP" lock data --shared --task reader -- sh -c 'echo >&3; read x <&4' &
            done
            read x <&3; read x <&3
            "$NP" lock data --wait 0 -- true 2>/dev/null; echo $?
            "$NP" lock --list --json
            echo >&4; echo >&4; wait
            """
        )
        let lines = outcome.output.split(separator: "\n")
        #expect(lines.first == "3")
        #expect(lines.dropFirst().count == 2)
        #expect(lines.dropFirst().allSatisfy { $0.hasPrefix(#"{"lock":"data","exclusive":false,"task":"reader","#) })
        #expect(try logged().map(\.kind) == [.lockAcquired, .lockAcquired, .lockReleased, .lockReleased])
    }

    // MARK: - Who comes first

    /// Starts a sharer of the lock `data` that keeps it until somebody writes to the pipe `go`, then somebody who wants
    /// it alone, and waits until that one waits.
    private static let waitingWriter = """
        mkfifo held go
        "$NP" lock data --shared --task reader -- sh -c 'echo >held; read x <go; eval "$LAST"' & reader=$!
        read x <held
        "$NP" lock data --task writer -- sh -c 'echo writer >>trace' 2>/dev/null & writer=$!
        tries=0
        while "$NP" lock data --shared --wait 0 -- true 2>said; do
            tries=$((tries + 1)); [ $tries -lt 500 ] || { echo >go; exit 9; }
        done

        """

    @Test("lets nobody share a lock before those who wait for it already")
    func nobodyStarves() async throws {
        let outcome = try await np.script(
            Self.waitingWriter + """
                cat said
                "$NP" lock data --shared -- sh -c 'echo late >>trace' 2>late & late=$!
                sh -c "$UNTIL" '[ -s late ]'
                echo >go
                wait $reader && wait $writer && wait $late && cat trace
                """
        )
        let lines = outcome.output.split(separator: "\n")
        #expect(lines.first?.hasPrefix("np: the lock 'data' is held by reader, pid ") == true, "\(outcome)")
        #expect(lines.first?.hasSuffix(", and others wait for it") == true)
        #expect(lines.dropFirst() == ["writer", "late"])
    }

    @Test("lets a sharer's command share the lock, too, whoever waits for it")
    func sharingAgain() async throws {
        let again = #""$NP" lock data --shared --wait 0 -- sh -c "echo again >>trace""#
        let outcome = try await np.script(
            "export LAST='\(again)'\n" + Self.waitingWriter + """
                echo >go
                wait $reader && wait $writer && cat trace
                """
        )
        #expect(outcome.output == "again\nwriter\n", "\(outcome)")
    }

    @Test("waits behind others no longer than it may", arguments: ["", "--shared"])
    func timeOutInTheQueue(option: String) async throws {
        let outcome = try await np.script(
            Self.waitingWriter + """
                "$NP" lock data \(option) --wait 300ms -- touch ran 2>/dev/null; echo $?
                echo >go
                wait $reader && wait $writer && cat trace; ls ran 2>/dev/null
                """
        )
        #expect(outcome.output == "3\nwriter\n", "\(outcome)")
    }

    @Test("keeps nobody waiting for somebody who was killed while waiting")
    func killedWaiting() async throws {
        let outcome = try await np.script(
            Self.waitingWriter + """
                kill -9 $writer; wait $writer
                "$NP" lock data --shared --wait 0 -- echo shared
                echo >go; wait $reader
                "$NP" lock data --wait 0 -- echo alone
                """
        )
        #expect(outcome.output == "shared\nalone\n", "\(outcome)")
    }

    @Test(
        "refuses to wait for what waits for it",
        arguments: [("", ""), ("", "--shared"), ("--shared", "")]
    )
    func deadlock(outer: String, inner: String) async throws {
        let outcome = try await np.script(
            #""$NP" lock build \#(outer) --task t-1 -- sh -c '"$NP" lock build \#(inner) -- touch ran; echo $?'; ls ran"#
        )
        #expect(outcome.output == "1\n", "\(outcome)")
        #expect(outcome.error.hasPrefix("np: the lock 'build' is held by t-1, pid "), "\(outcome.error)")
        #expect(outcome.error.contains("would wait forever"))
    }

    @Test("waits for a holder that has started it and ends, if it is told how long")
    func backgroundOfHolder() async throws {
        let outcome = try await np.script(
            """
            export LATER='"$NP" lock build --wait 2m -- touch later 2>said'
            "$NP" lock build -- sh -c 'eval "$LATER" & sh -c "$UNTIL" "[ -s said ]"; ls'
            sh -c "$UNTIL" '[ -e later ]'
            """
        )
        #expect(outcome.output.contains("said\n") && !outcome.output.contains("later"), "\(outcome)")
    }

    @Test("names a command that does not exist, exits with 127, and gives the lock back")
    func missingCommand() async throws {
        let outcome = try await np.script(
            #""$NP" lock build -- no-such-command; echo $?; "$NP" lock build -- echo free"#
        )
        #expect(outcome.output == "127\nfree\n")
        #expect(outcome.error == "np: command not found: no-such-command\n")
    }

    @Test("passes on a signal, ends by it, and has given the lock back")
    func signal() async throws {
        let outcome = try await np.start(
            NPProcess.path,
            ["lock", "build", "--task", "t-1", "--", "sh", "-c", "(kill -TERM $PPID) >&2 & exec sleep 300"]
        )
        #expect(outcome.status == .signaled(SIGTERM))
        #expect(try events().last == #"LockReleased t-1 {"resource":"build","exclusive":true}"#)
    }

    @Test("ends by Ctrl-C as the command does, and has given the lock back")
    func interrupt() async throws {
        let command = [
            NPProcess.path, "lock", "build", "--task", "t-1", "--", "sh", "-c", "echo ready; exec sleep 300",
        ]
        let lines = try await PseudoTerminal.run(np, command, .init("ready", "\u{3}"))
        #expect(lines.last == "killed 2")
        #expect(try events().last == #"LockReleased t-1 {"resource":"build","exclusive":true}"#)
    }

    @Test("stops waiting on Ctrl-C")
    func interruptedWait() async throws {
        let script = Self.holder + #"echo ready; exec "$NP" lock build -- touch ran"#
        let lines = try await PseudoTerminal.run(np, ["sh", "-c", script], .init("ready", "\u{3}"))
        #expect(lines.last == "killed 2")
        #expect(!np.directory.exists("ran"))
    }

    @Test("is not kept by what the command leaves in the background")
    func daemonising() async throws {
        let outcome = try await np.script(
            """
            sleeper=$("$NP" lock build -- sh -c 'sleep 300 >/dev/null 2>&1 & echo $!')
            "$NP" lock build --wait 0 -- echo free
            kill -9 $sleeper
            """
        )
        #expect(outcome.output == "free\n", "\(outcome)")
    }

    @Test(
        "takes any printable text for a name, and never as a path",
        arguments: ["../../up", "/etc/passwd", ".", "a\\b %2e Ä"]
    )
    func names(name: String) async throws {
        let outcome = try await np.start(
            NPProcess.path,
            ["lock", name, "--", NPProcess.path, "lock", "--list", "--json"]
        )
        #expect(outcome.output.contains(#""exclusive":true"#), "\(outcome)")
        let listed = try Payload(json: outcome.output)
        #expect(listed["lock"]?.text == name)
        let entries = try RealFileSystem().names(in: np.directory["locks"])
        #expect(entries.count == 1)
    }

    @Test("tells names apart that differ in their case only")
    func cases() async throws {
        let outcome = try await np.start(
            NPProcess.path,
            ["lock", "a", "--", NPProcess.path, "lock", "A", "--wait", "0", "--", "echo", "both"]
        )
        #expect(outcome.output == "both\n")
        #expect(Set(try RealFileSystem().names(in: np.directory["locks"]).map { $0.lowercased() }).count == 2)
    }

    @Test(
        "says what is wrong with what was typed",
        arguments: [
            ([], "which lock?"), (["build"], "which command? Say: np lock build -- make test"),
            (["build", "--wait", "soon", "--", "true"], "soon"),
            (["build", "--wait", "0.5s", "--", "true"], "such as 500ms, 30s"),
            (["build", "--wait", "1", "--", "true"], "such as 500ms, 30s"),
            (["", "--", "true"], "the name of the lock is empty"),
            ([String(repeating: "n", count: 81), "--", "true"], "81 bytes; 80 are allowed"),
            (["--list", "build", "--", "true"], "--list takes no name"),
            (["--list", "--shared"], "--list takes no lock"),
        ]
    )
    func mistakes(words: [String], message: String) async throws {
        let outcome = try await np.start(NPProcess.path, ["lock"] + words)
        #expect(outcome.status == .exited(64))
        #expect(outcome.error.contains(message), "\(outcome.error)")
        #expect(!np.directory.exists())
    }

    @Test("takes no name that is no UTF-8, which another one would look like")
    func bytesAsName() async throws {
        let outcome = try await np.script(#""$NP" lock "$(printf 'a\377')" -- echo ran; echo $?"#)
        #expect(outcome.output == "64\n")
        #expect(outcome.error.contains("the name of the lock is not UTF-8"))
        #expect(!np.directory.exists("locks"))
    }

    @Test("runs nothing if the file system gives it no lock")
    func noDirectory() async throws {
        try np.directory.write("", to: "locks")
        let outcome = try await np.start(NPProcess.path, ["lock", "build", "--", "echo", "ran"])
        #expect(outcome.status == .exited(1))
        #expect(outcome.output == "")
        #expect(outcome.error.hasPrefix("np: cannot make the directory "))
    }

    // MARK: - Dying

    @Test(
        "frees the lock of a process that was killed, and has the release told soon, with the acquisition that it ends"
    )
    func killed() async throws {
        let outcome = try await np.script(
            Self.holder + """
                kill -9 $holder; wait $holder
                "$NP" lock build --task next -- true; echo $?
                echo >go; sh -c "$UNTIL" 'grep -q "\\"inferred\\":true" event_log.jsonl'
                """
        )
        #expect(outcome.output == "0\n")
        #expect(
            try events().sorted() == [
                #"LockAcquired holder {"resource":"build","exclusive":true}"#,
                #"LockAcquired next {"resource":"build","exclusive":true}"#,
                #"LockReleased holder {"resource":"build","exclusive":true,"inferred":true}"#,
                #"LockReleased next {"resource":"build","exclusive":true}"#,
            ]
        )
        let logged = try logged()
        for event in logged where event.kind == .lockReleased {
            let begin = logged.first { $0.id.description == event.payload["begin"]?.text }
            #expect(begin?.kind == .lockAcquired && begin?.source == event.source)
        }
    }

    @Test("says once that a holder died, however many notice it at once")
    func killedOnce() async throws {
        let outcome = try await np.script(
            Self.holder + """
                kill -9 $holder; wait $holder
                for i in 1 2 3 4 5 6; do "$NP" watch --once & done
                for i in 1 2; do "$NP" lock build --shared --task next -- true & done
                wait; echo >go; sh -c "$UNTIL" '! ls ledger | grep -q holder-'; "$NP" watch --once
                """
        )
        #expect(outcome.output == "")
        #expect(try events().filter { $0.hasSuffix(#""inferred":true}"#) }.count == 1)
    }

    @Test("leaves a holder that lives alone, whoever looks")
    func living() async throws {
        let outcome = try await np.script(
            Self.holder + """
                "$NP" lock --list; "$NP" lock --list >/dev/null
                echo >go; wait
                "$NP" lock --list; echo $?
                """
        )
        let lines = outcome.output.split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines.first?.split(separator: " ") == ["LOCK", "MODE", "TASK", "PID", "SINCE", "COMMAND"])
        #expect(lines.dropFirst().first?.contains(" exclusive  holder ") == true)
        #expect(lines.last == "0")
        #expect(outcome.error == "np: no lock is held\n")
        #expect(try logged().map(\.kind) == [.lockAcquired, .lockReleased])
    }

    @Test("shows nothing in a directory without locks, and makes nothing there")
    func noLocks() async throws {
        let outcome = try await np.start(NPProcess.path, ["lock", "--list"])
        #expect(outcome.error == "np: no lock is held\n")
        #expect(try RealFileSystem().names(in: np.directory.path) == [])
    }

    // MARK: - What dead processes leave

    /// Leaves a record as a holder of the lock `build` leaves it that was killed, with the id of a living process.
    private func leave(_ events: Event..., unfinished: String = "") throws {
        try? np.directory.makeDirectory("locks")
        try np.directory.makeDirectory("locks/build")
        let process = #"{"pid":\#(getpid()),"command":"make"}"#
        let lines = [process] + events.map(\.description)
        try np.directory.append(
            lines.map { $0 + "\n" }.joined() + unfinished,
            to: "locks/build/holder-\(events.first?.id.description ?? "x")"
        )
    }

    private static let payload: Payload = ["resource": "build", "exclusive": true, "waited_ms": 0]

    @Test("says nothing of a holder that died before it could say that it had the lock")
    func diedBeforeSaying() async throws {
        try leave(Event(.lockAcquired, from: "t-1", payload: Self.payload))
        _ = try await np.start(NPProcess.path, ["watch", "--once"])
        #expect(try logged().isEmpty)
        #expect(try RealFileSystem().names(in: np.directory["locks/build"]).isEmpty)
    }

    @Test("does not repeat what a holder said just before it died")
    func diedAfterSaying() async throws {
        let acquired = Event(.lockAcquired, from: "t-1", payload: Self.payload)
        let released = Event(.lockReleased, from: "t-1", payload: Self.payload)
        try np.directory.append("\(acquired)\n\(released)\n")
        try leave(acquired, released)
        _ = try await np.start(NPProcess.path, ["watch", "--once"])
        #expect(try logged().map(\.id) == [acquired.id, released.id])
        #expect(try RealFileSystem().names(in: np.directory["locks/build"]).isEmpty)
    }

    @Test("says what a holder wrote down and could not say any more")
    func diedBetween() async throws {
        let acquired = Event(.lockAcquired, from: "t-1", payload: Self.payload)
        let released = Event(.lockReleased, from: "t-1", payload: Self.payload)
        try np.directory.append("\(acquired)\n")
        try leave(acquired, released)
        _ = try await np.start(NPProcess.path, ["watch", "--once"])
        #expect(try logged().map(\.id) == [acquired.id, released.id])
    }

    @Test("infers the release if the holder died while writing it down")
    func diedWriting() async throws {
        let acquired = Event(.lockAcquired, from: "t-1", payload: Self.payload)
        try np.directory.append("\(acquired)\n")
        try leave(acquired, unfinished: #"{"id":"0194"#)
        _ = try await np.start(NPProcess.path, ["watch", "--once"])
        #expect(try events().last == #"LockReleased t-1 {"resource":"build","exclusive":true,"inferred":true}"#)
    }

    @Test("tells of a holder that died when it is read by somebody who can log, and not before")
    func logInTrouble() async throws {
        let acquired = Event(.lockAcquired, from: "t-1", payload: Self.payload)
        try np.directory.append("\(acquired)\n")
        try leave(acquired)
        try np.directory.rename(EventLogConfig.fileName, to: "kept")
        try np.directory.makeDirectory(EventLogConfig.fileName)
        let outcome = try await np.start(NPProcess.path, ["watch", "--once"])
        #expect(outcome.status != .exited(0))
        rmdir(np.directory[EventLogConfig.fileName])
        try np.directory.rename("kept", to: EventLogConfig.fileName)
        _ = try await np.start(NPProcess.path, ["watch", "--once"])
        #expect(try logged().map(\.kind) == [.lockAcquired, .lockReleased])
    }
}

/// A disk without a free block: nothing can be written, and no directory made; an empty file can.
private final class FullFileSystem: ForwardingFileSystem {
    let isFull = Lock(true)

    private func refuse() throws(SystemError) {
        if isFull.withLock({ $0 }) { throw SystemError(code: ENOSPC) }
    }

    func makeDirectory(_ path: String, permissions: UInt32) throws(SystemError) {
        if !real.exists(path) { try refuse() }
        try real.makeDirectory(path, permissions: permissions)
    }

    func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) throws(SystemError) -> Int {
        try refuse()
        return try real.write(descriptor, bytes)
    }
}

@Suite("A lock on a full disk", .apart)
struct FullDiskLockTests {
    @Test("is held by one at a time, also by one that takes it as usual when there is room again")
    func exclusion() throws {
        let directory = try TemporaryDirectory()
        let files = FullFileSystem()
        let locks = LockDirectory(in: DataDirectory(directory.path, files: files))
        let turnstile = locks.turnstile(of: try LockName("build"), sharing: false)
        let first = try turnstile.passAtOnce()
        let hasFirst = first != nil
        #expect(hasFirst)
        let second = try turnstile.passAtOnce()
        let hasSecond = second != nil
        #expect(!hasSecond)
        files.isFull.withLock { $0 = false }
        let third = try turnstile.passAtOnce()
        let hasThird = third != nil
        #expect(!hasThird)
        _ = consume first
        let fourth = try turnstile.passAtOnce()
        let hasFourth = fourth != nil
        #expect(hasFourth)
        files.isFull.withLock { $0 = true }
        let fifth = try turnstile.passAtOnce()
        let hasFifth = fifth != nil
        #expect(!hasFifth)
        _ = consume fourth
    }
}
