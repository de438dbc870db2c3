// The built np, run as a person or a script would run it: a real process, with a data directory of its own.

import NeuraphageEvents
import NeuraphagePlatform
import Subprocess
import TestSupport
import Testing

/// How a process ended, and what it printed.
struct Outcome {
    let status: TerminationStatus
    let output: String
    let error: String
}

/// The np beside the tests, and a directory for what it writes. It records agents in every directory.
struct NPProcess {
    static let path: String = {
        let resolved = realpath(CommandLine.arguments[0], nil)
        defer { free(resolved) }
        let bundle = resolved.map { String(cString: $0) } ?? CommandLine.arguments[0]
        let directory = bundle.lastIndex(of: "/").map { String(bundle[..<$0]) } ?? "."
        // On macOS the bundle's program lies three directories deeper.
        return directory.hasSuffix(".xctest/Contents/MacOS") ? directory + "/../../../np" : directory + "/np"
    }()

    let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory(endingProcesses: true)
    }

    /// Runs `np run --task t-1 -- words…`.
    func run(_ words: String..., input: String = "") async throws -> Outcome {
        try await start(Self.path, ["run", "--task", "t-1", "--"] + words, input: input)
    }

    /// Runs a shell script that finds np in `$NP`; `sh -c "$UNTIL" CONDITION` waits for something.
    func script(_ script: String) async throws -> Outcome {
        try await start("/bin/sh", ["-c", script])
    }

    /// Runs a Python program that finds np in `$NP`, and `until(CONDITION, WHAT)`, which waits for something.
    func python(_ program: String, _ arguments: String..., limit: Duration = patience) async throws -> Outcome {
        try await start("/usr/bin/env", ["python3", "-c", Script.python + program] + arguments, limit: limit)
    }

    func start(
        _ program: String,
        _ arguments: [String],
        input: String = "",
        limit: Duration = patience
    ) async throws -> Outcome {
        let result = try await within("\(program) \(arguments.joined(separator: " ")) to end", limit: limit) {
            try await Subprocess.run(
                .name("sh"),
                arguments: Arguments(["-c", #"cd "$0" && exec "$@""#, directory.path, program] + arguments),
                environment: .inherit.updating([
                    "NP_DATA_DIR": directory.path, "NP_AGENTS_RECORD": "all", "NP_TASK": nil, "NP": Self.path,
                    "TERM": "xterm",
                    "UNTIL": Script.until,
                ]),
                input: .string(input),
                output: .string(limit: 1 << 20),
                error: .string(limit: 1 << 20)
            )
        }
        return Outcome(status: result.terminationStatus, output: result.standardOutput, error: result.standardError)
    }

    /// The events in the log, oldest first, each as `Kind {payload}`, without duration and beginning.
    func events() throws -> [String] {
        let events = try loggedEvents()
        expectAsInTable(events)
        return events.map { event in
            let payload = event.payload.json.replacing(/,"duration_ms":[0-9]+/, with: "")
                .replacing(/,"begin":"[^"]*"/, with: "")
            return "\(event.kind) \(payload)"
        }
    }

    func loggedEvents() throws -> [Event] {
        let lines = directory.read(EventLogConfig.fileName)?.split(separator: "\n") ?? []
        return try lines.map { line in
            let bytes = Array(line.utf8)
            return try EventLine(bytes.span).event(bytes.span)
        }
    }
}
