import TestSupport
import Testing

@Suite("A wrong configuration", .apart)
struct ConfigurationMistakeTests {
    private let home: Home

    init() throws {
        home = try Home()
        try home.write("[events]\nenabld = true\n", to: home("broken.toml"))
    }

    @Test(
        "ends a reader, because it does not say which log is meant",
        arguments: ["events", "sessions", "inbox --all", "events verify"]
    )
    func endsReaders(command: String) async throws {
        try await home.np("emit", "TaskStarted", "--task", "a")
        let words = command.split(separator: " ").map(String.init)
        let result = try await home.run(Home.np, words + ["--config", home("broken.toml")])
        #expect(result.status == 64 && result.lines == [])
        #expect(result.err.contains("there is no setting events.enabld"))
    }

    @Test("does not keep from reading a log that is named")
    func namedLog() async throws {
        try await home.np("emit", "TaskStarted", "--task", "a")
        let config = home("broken.toml")
        for result in [
            try await home.np("events", "--config", config, home.log),
            try await home.np("events", "--config", config, "--data-dir", home.dataDirectory),
            try await home.np("events", "--config", config, environment: ["NP_DATA_DIR": home.dataDirectory]),
        ] {
            #expect(result.status == 0 && result.lines.count == 1)
            #expect(result.err.contains("there is no setting events.enabld"))
        }
    }

    @Test("is named once if it is an unknown variable, and a hook says nothing of it")
    func unknownVariable() async throws {
        let environment = ["NP_EVENTS_ENABLE": "false"]
        for words in [["emit", "TaskStarted", "--task", "a"], ["events"], ["run", "--task", "b", "--", "true"]] {
            let result = try await home.run(Home.np, words, environment: environment)
            #expect(result.status == 0)
            #expect(
                result.errorLines == [
                    "np: warning: np does not know the variable NP_EVENTS_ENABLE; did you mean NP_EVENTS_ENABLED?"
                ]
            )
        }
        let input = #"{"session_id":"s","hook_event_name":"UserPromptSubmit","cwd":"\#(home.path)"}"#
        let hook = try await home.np("hook", "claude", input: input, environment: environment)
        #expect(hook.status == 0 && hook.bytes == [] && hook.errorBytes == [])
    }

    @Test("is none if a time is typed as git log prints it, or as journalctl takes it")
    func times() async throws {
        try await home.np("emit", "TaskStarted", "--task", "a")
        for words in [["--since", "-1h"], ["-S", "2026-01-11 15:30:00 +0100"], ["--since=00:00"], ["-U", "-0s"]] {
            let result = try await home.run(Home.np, ["events"] + words)
            #expect(result.status == 0 && result.lines.count == 1, "\(words): \(result.err)")
        }
    }
}
