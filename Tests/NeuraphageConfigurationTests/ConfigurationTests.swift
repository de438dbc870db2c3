import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageSystem
import TestSupport
import Testing

@testable import NeuraphageConfiguration

@Suite("The configuration", .apart)
struct ConfigurationTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func configuration(
        _ text: String? = nil,
        environment: [String: String] = [:],
        dataDirectory: String? = nil
    ) throws -> Configuration {
        var file: String?
        if let text {
            file = directory["neuraphage.toml"]
            if directory.exists("neuraphage.toml") { try directory.unlink("neuraphage.toml") }
            try directory.append(text, to: "neuraphage.toml")
        }
        var variables = ["HOME": directory.path, "XDG_CONFIG_HOME": directory["config"]]
        variables.merge(environment) { $1 }
        return try Configuration(
            .init(file: file, dataDirectory: dataDirectory, environment: variables, workingDirectory: "/work-place"),
            in: RealFileSystem()
        )
    }

    private func problem(_ text: String, environment: [String: String] = [:]) throws -> String {
        try #require(throws: OperationError.self) { try configuration(text, environment: environment) }.description
    }

    private func origin(_ setting: Setting, in configuration: Configuration) -> Configuration.Origin? {
        configuration.settings.first { $0.setting == setting }?.origin
    }

    @Test("without a file and variables, is the documented default")
    func defaults() throws {
        let configuration = try configuration()
        #expect(configuration.filePath == directory["config/neuraphage/neuraphage.toml"])
        #expect(!configuration.fileExists)
        #expect(configuration.log.isEnabled)
        #expect(configuration.log.path == configuration.dataDirectory.path + "/event_log.jsonl")
        #expect(configuration.log.maxPayloadBytes == 10_240)
        #expect(configuration.log.durableCustom == [])
        #expect(configuration.log.redactsCredentials)
        #expect(!configuration.usesLocalTime)
        #expect(configuration.watchedRepositories == [] && configuration.fetchInterval == .seconds(60))
        #expect(configuration.settings.count == Setting.allCases.count)
        #expect(configuration.settings.allSatisfy { $0.origin == .standard })
    }

    @Test("takes every setting from the file, and remembers that it did")
    func fromFile() throws {
        let configuration = try configuration(
            """
            data_dir = "~/events"
            time = "local"

            [events]
            enabled = false
            path = "log.jsonl"
            durability = "2s"
            max_payload_bytes = 2048
            buffer_bytes = 0
            durable_custom = ["Deploy*", "Release"]
            redact = false

            [daemon]
            socket = "np.sock"
            watch = ["~/project", "/srv/git/other.git"]
            fetch_interval = "5m"

            [agents]
            checks = ["make verify"]
            record = "all"
            midturn = "all"
            wake = "messages"

            [notify]
            on_wait = "~/bin/tell wait"
            on_failed = "tell failed"
            on_lost = ""
            grace = "1m"
            """
        )
        #expect(configuration.alertCommand("on_wait") == "~/bin/tell wait")
        #expect(configuration.alertCommand("on_lost") == nil && configuration.alertGrace == .seconds(60))
        #expect(configuration.recordsEverywhere)
        #expect(configuration.checks == ["make verify"])
        #expect(configuration.midturn == .all && configuration.wake == .messages)
        #expect(configuration.watchedRepositories == [directory.path + "/project", "/srv/git/other.git"])
        #expect(configuration.fetchInterval == .seconds(300))
        #expect(configuration.dataDirectory.path == directory.path + "/events")
        #expect(configuration.usesLocalTime)
        #expect(!configuration.log.isEnabled)
        #expect(configuration.log.path == directory.path + "/events/log.jsonl")
        #expect(configuration.log.durability == .interval(.seconds(2)))
        #expect(configuration.log.maxPayloadBytes == 2_048)
        #expect(configuration.log.bufferBytes == 0)
        #expect(configuration.log.durableCustom == ["Deploy*", "Release"])
        #expect(!configuration.log.redactsCredentials)
        #expect(configuration.socketPath == directory.path + "/events/np.sock")
        #expect(configuration.settings.allSatisfy { $0.origin == .file(directory["neuraphage.toml"]) })
    }

    @Test(
        "takes an interval between two fetches from 1 s to 1 d, or 0 for never",
        arguments: [
            ("1s", Duration.seconds(1)), ("1h30m", .seconds(5_400)), ("1d", .seconds(86_400)), ("0", nil),
        ]
    )
    func fetchInterval(text: String, interval: Duration?) throws {
        let configuration = try configuration("[daemon]\nfetch_interval = \"\(text)\"")
        #expect(configuration.fetchInterval == interval)
    }

    @Test("refuses intervals and repositories that cannot be meant", arguments: ["2d", "soon", "", "-1m", "500ms"])
    func fetchIntervalMistakes(text: String) throws {
        #expect(throws: OperationError.self) {
            try configuration("[daemon]\nfetch_interval = \"\(text)\"")
        }
        #expect(throws: OperationError.self) { try configuration("[daemon]\nwatch = [\"project\"]") }
    }

    @Test(
        "takes a durability by its name or as an interval from 1 ms to 1 h",
        arguments: [
            ("os", Durability.os), ("always", .always), ("1ms", .interval(.milliseconds(1))),
            ("90s", .interval(.seconds(90))), ("60m", .interval(.seconds(3_600))), ("1h", .interval(.seconds(3_600))),
            ("1s500ms", .interval(.milliseconds(1_500))), ("", nil), ("Always", nil), ("0ms", nil), ("-1s", nil),
            ("100", nil), ("61m", nil), ("2h", nil),
            ("1.5s", nil), ("99999999999999999999s", nil),
        ]
    )
    func durability(text: String, durability: Durability?) throws {
        guard let durability else {
            #expect(throws: OperationError.self) { try configuration("[events]\ndurability = \"\(text)\"") }
            return
        }
        #expect(try configuration("[events]\ndurability = \"\(text)\"").log.durability == durability)
    }

    @Test("prefers the option to the environment, and the environment to the file")
    func precedence() throws {
        let text = "data_dir = \"/from/file\"\n[events]\nmax_payload_bytes = 1000"
        let environment = ["NP_DATA_DIR": "from/environment", "NP_EVENTS_MAX_PAYLOAD_BYTES": "2000"]
        let overridden = try configuration(text, environment: environment)
        #expect(overridden.dataDirectory.path == "/work-place/from/environment")
        #expect(overridden.log.maxPayloadBytes == 2_000)
        #expect(origin(.dataDirectory, in: overridden) == .environment("NP_DATA_DIR"))

        let asked = try configuration(text, environment: environment, dataDirectory: "asked")
        #expect(asked.dataDirectory.path == "/work-place/asked")
        #expect(origin(.dataDirectory, in: asked) == .option("--data-dir"))
    }

    @Test("reads a list from the environment")
    func listFromEnvironment() throws {
        let configuration = try configuration(environment: ["NP_EVENTS_DURABLE_CUSTOM": "Deploy*, Release"])
        #expect(configuration.log.durableCustom == ["Deploy*", "Release"])
    }

    @Test(
        "refuses what is no setting, with the nearest one",
        arguments: [
            ("[events]\nenabeld = false", "there is no setting events.enabeld; did you mean events.enabled?"),
            ("enabled = false", "there is no setting enabled; did you mean events.enabled?"),
            ("[event]\nenabled = false", "there is no setting event; keys are data_dir, time,"),
            ("datadir = \"/x\"", "there is no setting datadir; did you mean data_dir?"),
        ]
    )
    func unknownKey(text: String, message: String) throws {
        let problem = try problem(text)
        #expect(problem.hasPrefix(directory["neuraphage.toml"] + ": " + message))
    }

    @Test(
        "refuses a value that the setting cannot have, and says which it can",
        arguments: [
            ("[events]\nenabled = \"no\"", "events.enabled must be true or false"),
            ("[events]\nmax_payload_bytes = 127", "events.max_payload_bytes must be a whole number of bytes"),
            ("[events]\nmax_payload_bytes = 1e4", "events.max_payload_bytes must be a whole number of bytes"),
            ("[events]\ndurable_custom = \"Deploy\"", "events.durable_custom must be a list"),
            ("[events]\ndurable_custom = [1]", "events.durable_custom must be a list"),
            ("time = \"UTC+1\"", "time must be \"utc\" or \"local\""),
            ("data_dir = \"relative\"", "data_dir must be an absolute path"),
            ("events = 1", "there is no setting events"),
        ]
    )
    func wrongValue(text: String, message: String) throws {
        let problem = try problem(text)
        #expect(problem.hasPrefix(directory["neuraphage.toml"] + ": " + message))
    }

    @Test("refuses what is not TOML, with line and column")
    func notTOML() throws {
        #expect(try problem("time = \"utc\"\ntime = [").contains("neuraphage.toml, line 2, column"))
    }

    @Test(
        "refuses what is malformed",
        arguments: [
            #"[\x]"#, "[", "[ [\n", "[[ ", "[=]", "[é]", "\t[\u{1}", "a = 1\r\n[\"a\"]\r\n[*]", "[.]", "[[.]]",
            "x = [\"a\", }", "x = ", "x", "= 1", "x = 1 y = 2", "x = \"\\q\"", "x = 'a", "x = {a = 1,}", "x = [1 2]",
            "x = 01",
            "x = \"\"\"\n", "x.y = 1\nx = 2", "x = 1\nx = 1", "[a]\n[a]", "a = {}\n[a]", "a = {b = 1}\na.c = 1",
            "x = nope",
        ]
    )
    func malformed(text: String) throws {
        #expect(try problem("time = \"utc\"\n" + text).contains("not TOML"))
    }

    @Test("refuses an environment variable that cannot be what was meant")
    func wrongVariable() throws {
        let problem = try problem("", environment: ["NP_EVENTS_ENABLED": "flase"])
        #expect(problem == "the environment variable NP_EVENTS_ENABLED is 'flase'; it must be true or false")
    }

    @Test("refuses a file that was asked for and isn't there, or cannot be read")
    func missingFile() throws {
        let missing = Configuration.Inputs(file: "/nowhere/x.toml", environment: [:], workingDirectory: "/")
        let error = try #require(throws: OperationError.self) { try Configuration(missing, in: RealFileSystem()) }
        #expect(error.description == "there is no configuration file /nowhere/x.toml")
        let folder = Configuration.Inputs(file: directory.path, environment: [:], workingDirectory: "/")
        #expect(throws: OperationError.self) { try Configuration(folder, in: RealFileSystem()) }
    }

    @Test("is shown as TOML that it reads back")
    func roundTrip() throws {
        let text = "data_dir = \"/a \\\"quoted\\\" \\\\ place\"\nevents.durable_custom = [\"a\\tb\"]"
        let configuration = try configuration(text)
        let shown = configuration.settings.map { "\($0.setting.key) = \($0.value.toml)" }.joined(separator: "\n")
        let again = try self.configuration(shown)
        #expect(again.settings.map(\.value) == configuration.settings.map(\.value))
    }

    @Test("says which variables that begin with NP_ it does not know, and which may have been meant")
    func unknownVariables() throws {
        let known = Setting.allCases.map(\.variable) + ["NP_TASK", "NP_RUN", "NP_PAGER"]
        let names = UnknownVariable.all(in: Dictionary(uniqueKeysWithValues: known.map { ($0, "") })).map(\.name)
        #expect(names == [])
        let configuration = try configuration(environment: [
            "NP_EVENTS_ENABLE": "false", "NP_DATADIR": "/x", "NP_HARD": "", "NPM_TOKEN": "x",
        ])
        #expect(
            configuration.remarks == [
                "np does not know the variable NP_DATADIR; did you mean NP_DATA_DIR?",
                "np does not know the variable NP_EVENTS_ENABLE; did you mean NP_EVENTS_ENABLED?",
                "np does not know the variable NP_HARD",
            ]
        )
    }
}
