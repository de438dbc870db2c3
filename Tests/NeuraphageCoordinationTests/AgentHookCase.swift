// One hook call after the other in a directory of its own, without a process: what is logged, what is delivered live,
// and what the agent gets to read.

import NeuraphageAgents
import NeuraphageEvents
import NeuraphageGit
import NeuraphagePresentation
import NeuraphageProjections
import NeuraphageSystem
import NeuraphageTasks
import NeuraphageWatching
import TestSupport
import Testing

/// A worktree of the task `t-1`, and what hooks make of it.
struct AgentHookCase {
    struct Heard {
        var logged: [Event] = []
        var delivered: [Event] = []
        var printed = ""
        var isUnderstood = false

        /// `Kind {payload}` of each, without agent, session, and where the agent is.
        var events: [String] {
            (logged + delivered).map { event in
                let payload = event.payload.json.replacing(/"agent":"(claude|codex)","session":"s-1",?/, with: "")
                    // Where these tests run.
                    .replacing(/,?"where":\{[^}]*\}/, with: "")
                    .replacing(/,?"repo":".*"worktree":"[^"]*"/, with: "")
                return "\(event.kind.name) \(payload)"
            }
        }
    }

    let directory: TemporaryDirectory
    /// What is handed over in the middle of a turn, and where the agent is told that np is.
    var midturn: (@Sendable (Event) -> Bool)? = { $0.kind != .rebaseRequired }
    var np: (path: String?, searchPath: String?) = (nil, nil)
    var log: EventLogConfig { EventLogConfig(dataDirectory: directory("data")) }
    var worktree: String { directory("worktree") }

    init() throws {
        directory = try TemporaryDirectory(endingProcesses: true)
        try directory.makeDirectory("data")
        try directory.makeDirectory("worktree")
        try directory.makeDirectory("worktree/.git")
        try directory.write("ref: refs/heads/neuraphage/t-1\n", to: "worktree/.git/HEAD")
    }

    func hear(_ agent: Agent, _ json: String, print: ((String) throws -> Void)? = nil) throws -> Heard {
        try hear(agent, Array(json.utf8), print: print)
    }

    func hear(_ agent: Agent, _ bytes: [UInt8], print: ((String) throws -> Void)? = nil) throws -> Heard {
        var heard = Heard()
        let before = try logged().count
        let data = DataDirectory(directory("data"))
        let hook = try? AgentHook(
            agent,
            telling: bytes.span,
            log: log,
            recording: .everywhere,
            midturn: midturn,
            np: np,
            in: data
        )
        guard let hook else { return heard }
        heard.isUnderstood = true
        _ = try hook.perform {
            try EventLog(opening: log)
        } deliver: {
            heard.delivered = $0
        } print: { text in
            try print?(text)
            heard.printed += text
        }
        heard.logged = Array(try logged().dropFirst(before))
        expectAsInTable(heard.logged + heard.delivered)
        return heard
    }

    /// A call with the members that all have, and these.
    func hear(_ agent: Agent, event: String, _ members: String = "") throws -> Heard {
        try hear(agent, json(event, members))
    }

    func json(_ event: String, _ members: String = "") -> String {
        """
        {"session_id":"s-1","transcript_path":"/secret/t.jsonl","cwd":"\(worktree)","permission_mode":"default",\
        "hook_event_name":"\(event)"\(members.isEmpty ? "" : ",")\(members)}
        """
    }

    func logged() throws -> [Event] {
        directory.exists("data/" + EventLogConfig.fileName)
            ? try directory.events("data/" + EventLogConfig.fileName) : []
    }

    /// Does with the tasks that hooks began what a process in the background does.
    func settleTasks() throws {
        let bus = EventBus(log: try EventLog(opening: log))
        Ledger(in: DataDirectory(directory("data"))).settle(publishingTo: bus)
        bus.close()
    }

    /// The same until it has done what is to be seen: a process that another test starts may share the lock on a record
    /// until it is itself, and then the record is passed over.
    func settleTasks(until isDone: () throws -> Bool) throws {
        try wait(for: "records to be settled") {
            try settleTasks()
            return try isDone()
        }
    }

    /// Logs what other processes would.
    func append(_ events: Event...) throws {
        let log = try EventLog(opening: log)
        #expect(log.append(contentsOf: events).error == nil)
        log.close()
    }
}
