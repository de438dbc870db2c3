// Numbers that no program of ours would write: in payloads, in names of files, in the clock. Nothing that shows or checks a log
// may end because of them, and nothing that a person wants to run may be kept from running.

import TestSupport
import Testing

@Suite("A number from outside", .apart)
struct HostileNumberTests {
    let home: Home

    init() throws { home = try Home() }

    private func expectShown(_ count: Int, location: SourceLocation = #_sourceLocation) async throws {
        let formats = [
            ["-o", "text"], ["-o", "csv"], ["-o", "json"], ["-o", "raw"], ["-n", "\(count)"], ["-r"],
            ["--time", "local"],
        ]
        for arguments in formats {
            for zone in ["UTC", "America/New_York", "Pacific/Kiritimati"] {
                let shown = try await home.run(Home.np, ["events"] + arguments, environment: ["TZ": zone])
                let lines = shown.lines.count - (arguments == ["-o", "csv"] ? 1 : 0)
                #expect(lines == count && shown.status == 0, "\(arguments): \(shown.err)", sourceLocation: location)
            }
        }
    }

    @Test("in a payload, or a time at the end of all times, is shown in every format")
    func inPayload() async throws {
        let numbers = ["9223372036854775807", "-9223372036854775808", "9223372036854775808", "1e999", "-0"]
        var lines = numbers.enumerated().flatMap { index, number in
            ["TaskCompleted", "RebaseRequired", "SessionEnded", #"{"Custom":"LogGap"}"#].enumerated().map {
                place,
                kind in
                let payload =
                    #"{"duration_ms":\#(number),"commits_behind":\#(number),"lost":\#(number),"events":\#(number)}"#
                return Sample.line(10 * index + place, kind, task: #""t""#, to: #""t""#, payload: payload)
            }
        }
        lines.append(Sample.line(98, time: "0000-01-01T00:00:00.000000Z"))
        lines.append(Sample.line(99, time: "9999-12-31T23:59:59.999999Z"))
        try home.write(log: lines)
        try await expectShown(lines.count)
        let verified = try await home.np("events", "verify")
        #expect(verified.status == 0 && verified.out.contains("9223372036854775807 events lost"))
        #expect(try await home.np("events", "verify", "-o", "json").out.contains(#""lost":9223372036854775807"#))
        for arguments in [["inbox", "t"], ["inbox", "--all"], ["inbox", "--all", "-o", "json"], ["sessions"]] {
            #expect(try await home.run(Home.np, arguments).status == 0, "\(arguments)")
        }
    }

    @Test("in the name of a file is that of a segment only if it can be one, and then may be missing as many before it")
    func inName() async throws {
        try home.write(log: [Sample.line(1)])
        for number in ["9223372036854775807", "18446744073709551615", "9999999999"] {
            try home.write(Sample.line(2) + "\n", to: home.dataDirectory + "/event_log.\(number).jsonl")
        }
        try await expectShown(1)
        #expect(try await home.np("events", "verify").lines.first == "1 file, 1 event")
        for number in ["000001", "999999999"] {
            try home.write(
                Sample.line(number == "000001" ? 3 : 4) + "\n",
                to: home.dataDirectory + "/event_log.\(number).jsonl"
            )
        }
        try await expectShown(3)
        #expect(try await home.np("events", "verify").out.contains("999999997 files missing"))
        try await home.np(["events", "-f"]) { running in
            #expect(try await running.nextLines(3).count == 3)
            try home.append(log: Sample.line(5))
            #expect(try await running.nextLine() == Sample.shown(5))
        }
    }

    @Test("that is half a character is U+FFFD in JSON, and in the bytes as they are what it was")
    func loneSurrogate() async throws {
        let line = Sample.line(1, payload: #"{"message":"a\ud800b \ud83d\ude00"}"#)
        try home.write(log: [line])
        #expect(try await home.np("events", "-o", "raw").lines == [line])
        let json = try await home.np("events", "-o", "json").lines
        #expect(json == [line.replacing(#"\ud800"#, with: #"\ufffd"#)])
        #expect(try await home.np("events").lines.first?.hasSuffix("a\u{fffd}b 😀") == true)
    }

    #if os(Linux)
    /// A library that sets the wall clock of a process, in front of the system's.
    private static let clock = """
        #define _GNU_SOURCE
        #include <stdlib.h>
        #include <sys/syscall.h>
        #include <time.h>
        #include <unistd.h>

        int clock_gettime(clockid_t id, struct timespec *time) {
            const char *begin = getenv("CLOCK");
            int result = syscall(SYS_clock_gettime, id, time);
            if (result == 0 && id == CLOCK_REALTIME && begin) time->tv_sec = atoll(begin);
            return result;
        }
        """

    @Test(
        "of the clock keeps np from nothing",
        arguments: [
            -99_999_999_999_999, -62_167_219_201, -315_619_200, -1, 10_413_792_000, 253_402_300_799, 253_402_300_800,
            99_999_999_999_999,
        ]
    )
    func ofTheClock(seconds: Int) async throws {
        try home.write(Self.clock, to: home("clock.c"))
        let made = try await home.shell("clang -shared -fPIC -o clock.so clock.c")
        try #require(made.status == 0, "\(made.err)")
        let clock = ["LD_PRELOAD": home("clock.so"), "CLOCK": String(seconds), "NP_AGENTS_RECORD": "all"]
        func np(_ arguments: String..., input: String = "") async throws -> Finished {
            try await home.run(Home.np, arguments, input: Array(input.utf8), environment: clock)
        }
        let id = try await np("emit", "TaskStarted", "--task", "t").lines.first
        let shown = try await np("events", "-o", "json").out
        #expect(shown.contains(try #require(id)))
        #expect(shown.contains(#""timestamp":"2"#) == (seconds == 10_413_792_000))
        #expect(try await np("emit", "-", input: #"{"kind":"TaskStarted"}"# + "\n").status == 0)
        #expect(try await np("run", "--task", "r", "--", "echo", "ran").lines == ["ran"])
        #expect(try await np("lock", "l", "--", "echo", "locked").lines == ["locked"])
        #expect(try await np("nudge", "t", "hello", "--anyway").status == 0)
        #expect(try await np("inbox", "t", "--ack").out.contains("hello"))
        let hook = #"{"hook_event_name":"SessionStart","session_id":"s","cwd":"/"}"#
        #expect(try await np("hook", "claude", input: hook).status == 0)
        for arguments in [["--since", "1h"], ["--until", "today"], ["--time", "local"], ["verify"]] {
            #expect(try await home.run(Home.np, ["events"] + arguments, environment: clock).status == 0)
        }
        #expect(try await np("daemon", "start").status == 0)
        #expect(try await np("daemon", "status").status == 0)
        #expect(try await np("daemon", "stop").status == 0)
        #expect(try await np("sessions").lines.count == 2)
        #expect(try await home.np("events", "verify").status == 0)
    }
    #endif
}
