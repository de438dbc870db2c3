// What cannot work is refused with one clear message and the right exit code, never with a stack trace.

import NeuraphageEvents
import NeuraphagePlatform
import TestSupport
import Testing

@Suite("Bad input", .apart)
struct BadInputTests {
    let home: Home

    init() throws { home = try Home() }

    private func expectRefusal(
        _ result: Finished,
        _ status: Int32,
        _ texts: String...,
        location: SourceLocation = #_sourceLocation
    ) {
        #expect(result.status == status, "\(result.err)", sourceLocation: location)
        #expect(result.out == "", sourceLocation: location)
        for text in texts { #expect(result.err.contains(text), "\(result.err)", sourceLocation: location) }
        for text in ["Fatal error", "Stack dump", "Thread 0", "Swift."] {
            #expect(!result.err.contains(text), "\(result.err)", sourceLocation: location)
        }
    }

    @Test(
        "is a log that is no regular file, for the writer and for the reader",
        arguments: [
            ("mkdir \"$LOG\"", "a directory"), ("mkfifo \"$LOG\"", "a FIFO"),
            ("ln -s /dev/null \"$LOG\"", "a symbolic link"),
            ("touch real; ln -s \"$PWD/real\" \"$LOG\"", "a symbolic link"),
            ("ln -s nowhere \"$LOG\"", "a symbolic link"),
        ]
    )
    func log(script: String, description: String) async throws {
        try home.makeDirectory(home.dataDirectory)
        let made = try await home.shell(script, environment: ["LOG": home.log])
        #expect(made.status == 0)
        expectRefusal(try await home.np("emit", "TaskStarted"), 1, home.log, description)
        expectRefusal(try await home.np("emit", "-", input: Sample.line(1)), 1, home.log, description)
        expectRefusal(try await home.np("events"), 1, home.log, description)
        expectRefusal(try await home.np("events", "-n", "1"), 1, home.log, description)
    }

    @Test(
        "is a file of another format, which one sentence names, however it is read",
        arguments: [
            (
                [0x1f, 0x8b, 8, 0] + Array(repeating: 7, count: 2_000),
                "compressed with gzip; try: gunzip -c FILE | np events -"
            ),
            (Array("PK".utf8) + [0x28], nil), ([0x28, 0xb5, 0x2f, 0xfd, 1, 10, 2], "compressed with zstd"),
            ([0xff, 0xfe] + utf16(Sample.line(1) + "\n" + Sample.line(2) + "\n"), "UTF-16 text, not UTF-8"),
            (utf16(Sample.line(1) + "\n" + Sample.line(2)), "UTF-16 text, not UTF-8"),
        ] as [([UInt8], String?)]
    )
    func otherFormat(bytes: [UInt8], format: String?) async throws {
        try home.write(bytes, to: home("file"))
        for arguments in [["file"], ["file", "-n", "2"], ["file", "-r"], ["file", "-f", "-n", "1"]] {
            guard let format else { continue }
            expectRefusal(try await home.run(Home.np, ["events"] + arguments), 1, "cannot read file: it is \(format)")
        }
        // In a log it is one segment of several, and the others are read.
        try home.makeDirectory(home.dataDirectory)
        try home.write(bytes, to: home.dataDirectory + "/event_log.000001.jsonl")
        try home.write(log: [Sample.line(1)])
        let result = try await home.np("events")
        #expect(result.lines == [Sample.shown(1)] && result.status == 0)
        #expect(
            result.err.contains(format.map { "byte 0: the file is \($0.prefix(10))" } ?? "byte 0: not a JSON object")
        )
    }

    private static func utf16(_ text: String) -> [UInt8] {
        text.utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
    }

    @Test("is no directory full of other files, nor a log of 0 bytes")
    func otherFiles() async throws {
        try home.makeDirectory(home.dataDirectory)
        for name in [
            "event_log.1.jsonl", "event_log.0000001.jsonl", "event_log.000000.jsonl", "event_log.000001.jsonl.gz",
            "event_log.000001 (copy).jsonl", "event_log.99999999999999999999.jsonl",
            "event_log.9223372036854775807.jsonl",
            "event_log..jsonl", "other.000001.jsonl", ".event_log.000001.jsonl", "event_log.00000\u{664}.jsonl",
        ] {
            try home.write(Sample.line(9) + "\n", to: home.dataDirectory + "/" + name)
        }
        let none = try await home.np("events")
        #expect(none.status == 0 && none.out == "" && none.err.contains("there is no log yet"))
        try home.write("", to: home.log)
        let empty = try await home.np("events")
        #expect(empty.status == 0 && empty.out == "" && empty.err.contains("there are no events"))
        try home.write(log: [Sample.line(1)])
        for arguments in [[], ["-n", "5"], ["-r"]] {
            let result = try await home.run(Home.np, ["events"] + arguments)
            #expect(result.lines == [Sample.shown(1)] && result.err == "" && result.status == 0)
        }
    }

    @Test("is a data directory that is a file")
    func dataDirectory() async throws {
        try home.write("", to: home("file"))
        expectRefusal(try await home.np("emit", "TaskStarted", "--data-dir", "file"), 1, "file/event_log.jsonl")
        expectRefusal(try await home.np("emit", "TaskStarted", "--data-dir", "file/deeper"), 1, "file/deeper")
        expectRefusal(try await home.np("events", "--data-dir", "file"), 1, "file/event_log.jsonl")
        expectRefusal(try await home.np("events", "--data-dir", ""), 64, "--data-dir is empty")
        expectRefusal(try await home.np("emit", "TaskStarted", "--data-dir", ""), 64, "--data-dir is empty")
    }

    @Test("is a log or a file that may not be read or written")
    func permissions() async throws {
        try home.write(log: Sample.log)
        let drop = getuid() == 0 ? "setpriv --reuid=65534 --regid=65534 --clear-groups " : ""
        let script = """
            chmod 0755 . .local .local/share '\(home.dataDirectory)'; chmod 0 '\(home.log)'
            \(getuid() == 0 ? "chown -R 65534:65534 ." : "")
            """
        #expect(try await home.shell(script).status == 0)
        expectRefusal(try await home.shell(drop + #""$NP" events"#), 1, home.log, "ermission denied")
        expectRefusal(try await home.shell(drop + #""$NP" events '\#(home.log)'"#), 1, home.log, "ermission denied")
        expectRefusal(try await home.shell(drop + #""$NP" emit TaskStarted"#), 1, home.log, "ermission denied")
        expectRefusal(
            try await home.shell("chmod 0555 .; " + drop + #""$NP" emit TaskStarted --data-dir new"#),
            1,
            "new"
        )
        #expect(try await home.shell("chmod 0700 . && chmod 0600 '\(home.log)'").status == 0)
    }

    @Test("is a lock that may not be read, rather than one that nobody holds")
    func unreadableLocks() async throws {
        try home.makeDirectory(home.dataDirectory)
        let drop = getuid() == 0 ? "setpriv --reuid=65534 --regid=65534 --clear-groups " : ""
        let prepare = "chmod 0755 .; \(getuid() == 0 ? "chown -R 65534:65534 .;" : "") cd '\(home.dataDirectory)'\n"
        let made = try await home.shell(prepare + drop + #""$NP" lock build -- true; touch locks/build/holder-x"#)
        #expect(made.status == 0, "\(made.err)")
        for place in ["locks", "locks/build", "locks/build/holder-x"] {
            let list =
                prepare + "chmod 0 \(place); \(drop)\"$NP\" lock --list; code=$?; chmod 0700 \(place); exit $code"
            expectRefusal(
                try await home.shell(list),
                1,
                "cannot read",
                home.dataDirectory + "/\(place)",
                "ermission denied"
            )
        }
    }

    @Test("is a log of somebody else, which is not written to", .enabled(if: getuid() == 0))
    func foreignLog() async throws {
        try home.write(log: Sample.log)
        #expect(try await home.shell("chown 65534 '\(home.log)'").status == 0)
        expectRefusal(try await home.np("emit", "TaskStarted"), 1, home.log, "belongs to")
    }

    @Test("is a file that is not there, or is no file")
    func files() async throws {
        try home.makeDirectory(home("directory"))
        #expect(try await home.shell("mkfifo fifo").status == 0)
        expectRefusal(try await home.np("events", "nowhere"), 1, "no file 'nowhere'")
        expectRefusal(try await home.np("events", "nowhere", "-n", "1"), 1, "no file 'nowhere'")
        expectRefusal(try await home.np("events", "nowhere/deeper"), 1, "nowhere/deeper")
        expectRefusal(try await home.np("events", "directory"), 1, "directory", "name a file in it")
        expectRefusal(try await home.np("events", "fifo"), 1, "fifo", "np events -")
        expectRefusal(try await home.np("events", ""), 1)
    }

    @Test("is not a pipe that the shell made, or standard input")
    func pipes() async throws {
        try home.write(Sample.log.map { $0 + "\n" }.joined(), to: home("file"))
        for command in [
            "events <(cat file)", "events - < file", "events /dev/stdin < file", "events -- - < file",
            "events <(head -n 2 file) <(tail -n 3 file)",
        ] {
            let result = try await home.shell("\"$NP\" \(command)")
            #expect(result.lines == Sample.text && result.status == 0, "\(command): \(result.err)")
        }
        let piped = try await home.shell("cat file | \"$NP\" events /dev/stdin")
        #expect(piped.lines == Sample.text)
    }

    @Test(
        "is a moment that is none",
        arguments: ["", "soon", "1x", "1", "h", "2026-13-01", "2026-02-30", "25:00", "999999999999w", "1h1"]
    )
    func times(text: String) async throws {
        expectRefusal(try await home.np("events", "--since", text), 64, "is not a time", "2026-01-11")
        expectRefusal(try await home.np("events", "--until", text), 64, "is not a time")
    }

    @Test(
        "is an option that is none or says nothing sensible",
        arguments: [
            (["events", "-n", "-1"], "negative"), (["events", "-n", "x"], "x"), (["events", "--taks", "x"], "--task"),
            (["events", "-o", "yaml"], "yaml"), (["events", "--color", "red"], "red"),
            (["events", "--time", "mars"], "mars"),
            (["events", "-f", "-r"], "exclude"), (["events", "-f", "-"], "--follow"),
            (["events", "-f", "a", "b"], "--follow"),
            (["events", "--task", ""], "--task is empty"), (["events", "--kind", ""], "kind"),
            (["events", "--after", ""], "--after is empty"),
            (["events", "--kind", "TaskStated"], "TaskStarted"), (["evnts"], "evnts"), (["emit"], "kind"),
            (["emit", ""], "kind"),
            (["events", "--task"], "--task"), (["--nonsense"], "--nonsense"),
            (["emit", "--nonsense", "TaskStarted"], "--nonsense"),
        ]
    )
    func options(arguments: [String], text: String) async throws {
        expectRefusal(try await home.run(Home.np, arguments), 64, text)
    }

    @Test("is a full disk where the output should go")
    func fullOutput() async throws {
        try home.write(log: Sample.log)
        let result = try await home.shell(#""$NP" events > /dev/full"#)
        expectRefusal(result, 1, "standard output")
    }

    @Test("is no reader who leaves early")
    func earlyLeaver() async throws {
        try home.write(log: (1...20_000).map { Sample.line($0) })
        let result = try await home.shell(#""$NP" events | head -n 1; echo ${PIPESTATUS[0]}"#)
        #expect(result.lines == [Sample.shown(1), "0"])
        #expect(result.err == "")
    }
}
