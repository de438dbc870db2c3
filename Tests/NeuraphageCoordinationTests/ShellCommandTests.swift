// A user's command: what it is about comes in its environment, and it cannot hold anybody up.

import NeuraphageEvents
import NeuraphagePlatform
import NeuraphageSystem
import TestSupport
import Testing

@Suite("A user's command", .apart)
struct ShellCommandTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory(endingProcesses: true)
    }

    private func run(
        _ text: String,
        _ variables: [String: String?] = [:],
        atMost limit: Duration = .seconds(100)
    ) async throws -> ShellCommand.Ending {
        let variables = variables.merging(["D": directory.path]) { $1 }
        return try await within("the command to end") {
            await ShellCommand(text).run(variables: variables, atMost: limit)
        }
    }

    @Test("ends as it ends")
    func endings() async throws {
        #expect(try await run("exit 7") == .exited(7))
        #expect(try await run("kill -TERM $$") == .killed(SIGTERM))
        #expect(try await run("no-such-command") == .exited(127))
        #expect(
            try await run(":", ["X": String(repeating: "x", count: 1 << 20)]).description.hasPrefix(
                "could not be started: "
            )
        )
    }

    @Test("gets what it is about in its environment, and neither input nor a terminal nor other descriptors")
    func surroundings() async throws {
        let text =
            #"printf '%s' "$TEXT$HOME" >"$D/out"; cat >"$D/in"; ls /proc/self/fd | wc -l >"$D/count"; ps -o sid= -p $$ >"$D/sid""#
        #expect(try await run(text, ["TEXT": "$(exit 1); `x`\n'", "HOME": nil]) == .exited(0))
        #expect(directory.read("out") == "$(exit 1); `x`\n'" && directory.read("in") == "")
        #if os(Linux)
        #expect(directory.read("count") == "4\n")  // the fourth is the directory that ls reads
        #endif
        #expect(directory.read("sid").flatMap { Int32($0.filter(\.isNumber)) } != getsid(0))
    }

    @Test("is killed with what it has started when it takes too long, also if it ignores signals")
    func limit() async throws {
        let text = #"trap '' TERM INT HUP; sleep 1000 & echo $! >"$D/child"; wait"#
        #expect(try await run(text, atMost: .milliseconds(500)) == .tookTooLong)
        let child = try #require(directory.read("child").flatMap { Int32($0.filter(\.isNumber)) })
        try wait(for: "what it has started to end") { kill(child, 0) != 0 }
    }
}
