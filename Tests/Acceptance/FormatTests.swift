// Files that another version has written. `Tests/Fixtures/DataDirectory-1` is what np 0.1.0 left in the home of Ada: a run,
// an agent's session, its task, and the holder of a lock, all of them killed; notices that nobody has read; a repository
// that is watched; and what np init has changed. Only the numbers of the processes are others, which no system gives.

import NeuraphageEvents
import NeuraphagePlatform
import TestSupport
import Testing

@Suite("A data directory of another version", .apart)
struct FormatTests {
    private static let fixture =
        #filePath.split(separator: "/").dropLast(2).map { "/" + $0 }.joined()
        + "/Fixtures/DataDirectory-1"

    private let home: Home

    init() async throws {
        home = try Home()
        let copied = try await home.shell(
            """
            mkdir -p "${XDG_DATA_HOME:?}" && cp -R "$FIXTURE" "$XDG_DATA_HOME/neuraphage" && cd "$XDG_DATA_HOME/neuraphage" &&
            find . -type f -exec sed -i.before "s|/home/ada|$HOME|g" {} + && find . -name '*.before' -delete &&
            chmod -R u=rwX,go= .
            """,
            environment: ["FIXTURE": Self.fixture]
        )
        try #require(copied.status == 0, "\(copied.err)")
    }

    private func events(_ filters: [String]) async throws -> [String] {
        try await home.run(Home.np, ["events", "-o", "json"] + filters).lines
    }

    @Test("1 is taken over: nothing is lost, and what had begun is told to have ended once")
    func takenOver() async throws {
        let before = try home.logged
        for _ in 0..<2 {
            #expect(try await home.np("daemon", "start").status == 0)
            try await wait(for: "the end of the agent's session in the log") {
                try await !events(["--kind", "custom:AgentSessionEnded"]).isEmpty
            }
            #expect(try await home.np("lock", "build", "--", "true").status == 0)
            #expect(try await home.np("run", "--task", "t-new", "--", "true").status == 0)
            #expect(try await home.np("daemon", "stop").status == 0)
        }
        #expect(try home.logged.starts(with: before))
        let ends = ["--kind", "custom:AgentSessionEnded", "--kind", "TaskFailed", "--kind", "LockReleased"]
        let inferred = try await events(["--where", "payload.inferred=true"] + ends)
        #expect(inferred.count == 3, "\(inferred)")
        #expect(inferred.count { $0.contains(#""source_task":"t-run""#) } == 2)
        #expect(try await home.np("events", "verify").status == 0)
    }

    @Test("1 has its unread notices read, each once")
    func notices() async throws {
        let unread = try await home.np("inbox", "t-agent", "--ack").lines
        #expect(unread.count == 2)
        #expect(unread.first?.contains("hello there") == true)
        #expect(unread.last?.contains("RebaseRequired") == true)
        #expect(try await home.np("inbox", "t-agent").lines.isEmpty)
        #expect(try await home.np("inbox", "t-run").lines.count == 1)
    }

    @Test("1 has what np init installed taken back by np uninit")
    func setUp() async throws {
        let installed = try await home.shell(
            """
            git init -q project && python3 - "$XDG_DATA_HOME/neuraphage/setup.jsonl" <<'PYTHON'
            import json, os, sys
            for line in open(sys.argv[1]):
                record = json.loads(line)
                os.makedirs(os.path.dirname(record["path"]), exist_ok=True)
                open(record["path"], "w").write(record["installed"]["bytes"])
                os.chmod(record["path"], record["installed"]["mode"])
                print(record["path"])
            PYTHON
            """
        )
        #expect(installed.lines.count == 3, "\(installed.err)")
        let done = try await home.np("uninit", in: home("project"))
        #expect(done.status == 0, "\(done.err)")
        for path in installed.lines { #expect(access(path, F_OK) != 0, "\(path)") }
        #expect(access(home.dataDirectory + "/setup.jsonl", F_OK) != 0)
    }

    @Test("whose checkpoint of a projection is newer is read without it, and np says so")
    func newerCheckpoint() async throws {
        let path = home.dataDirectory + "/projections/inboxes"
        var bytes = Array("np fold\n".utf8)
        // Version 2 of the format, version 1 of the projection, and their checksum.
        for word in [2, 1, 0x1293_2fba_4277_cd9d] as [UInt64] {
            withUnsafeBytes(of: word.littleEndian) { bytes += $0 }
        }
        try home.write(bytes, to: path)
        let inbox = try await home.np("inbox", "t-agent", "--ack")
        #expect(inbox.lines.count == 2)
        let notice = "is a checkpoint of a projection of version 2"
        #expect(inbox.errorLines.first?.contains(notice) == true, "\(inbox.err)")
        #expect(try await home.np("inbox", "t-agent").lines.isEmpty)
        #expect(try home.read(path) == bytes)
    }

    @Test(
        "that is newer is left alone, and np says so",
        arguments: [
            ("tasks/run-*", "run --task t-new -- true", "record", 0),
            ("tasks/task-4a5279d4095d99df", "run --task t-agent -- true", "record", 0),
            ("agents/session-*", "watch --once project", "record", 0),
            ("locks/build/holder-*", "lock --list", "record", 0),
            ("repositories/*/state.jsonl", "watch --once project", "state of a repository", 1),
            ("watched", "init --no-daemon project", "list of watched repositories", 1),
            ("setup.jsonl", "init --no-daemon project", "record of np init", 1),
            ("setup.jsonl", "uninit project", "record of np init", 1),
        ]
    )
    func newer(file: String, command: String, name: String, status: Int32) async throws {
        // The repository's state lies where the state of a repository at this path does.
        let prepared = try await home.shell(
            """
            git init -q -b main project && git -C project -c user.name=A -c user.email=a commit -q --allow-empty -m one
            cd "$XDG_DATA_HOME/neuraphage" && rm -r repositories && mv watched setup.jsonl agents "$TMPDIR"
            "$NP" watch --once "$TMPDIR/project" && rm event_log.jsonl
            cd "$TMPDIR" && mv watched setup.jsonl agents "$XDG_DATA_HOME/neuraphage"
            cd "$XDG_DATA_HOME/neuraphage" && printf '{"format":7}\\nnew\\n' | tee \(file) >/dev/null
            """
        )
        #expect(prepared.status == 0, "\(prepared.err)")
        let done = try await home.shell("\"$NP\" " + command)
        #expect(done.status == status, "\(done.err)")
        let path = try await home.shell("echo $XDG_DATA_HOME/neuraphage/\(file)").lines.first ?? ""
        let refusal = "np: \(path) is a \(name) of version 7, and this np knows version 1; it is left as it is"
        #expect(done.errorLines.contains(refusal), "\(done.err)")
        #expect(done.errorLines.contains("hint: install a newer np"))
        #expect(try String(decoding: home.read(path), as: UTF8.self) == "{\"format\":7}\nnew\n")
    }
}
