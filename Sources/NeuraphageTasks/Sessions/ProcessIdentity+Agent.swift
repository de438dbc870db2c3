// Which process an agent is, so that np can tell later that it is gone. A hook's parent is the agent, or a shell that the
// agent started for it, or a service in the background that carries the sessions of several.

package import NeuraphageEvents
import NeuraphagePlatform
package import NeuraphageSystem

extension ProcessIdentity {
    /// Programs that only start others.
    private static let wrappers: Set<String> = [
        "sh", "bash", "dash", "zsh", "fish", "ksh", "mksh", "ash", "busybox", "env", "timeout", "nice", "nohup",
        "setsid", "stdbuf",
    ]

    /// The agent that this process works for.
    package static func agent(in files: any FileSystem) -> ProcessIdentity {
        let numbering = ProcessNumbering.here(files)
        #if os(Linux)
        var id = getppid()
        while let status = ProcessStatus(of: id, in: files), !status.hasEnded {
            // The first process of a container may be the agent; elsewhere it is nobody's.
            let isLast = status.parent < 1 || status.parent == 1 && !isAgentFirst(in: files)
            if isLast && wrappers.contains(status.name) { break }
            if isLast || !wrappers.contains(status.name) {
                return ProcessIdentity(id: id, start: status.start, numbering: numbering)
            }
            id = status.parent
        }
        // Only programs that start others can be seen: which process is the agent is not known.
        return ProcessIdentity(id: getppid(), start: 0, numbering: .unknown)
        #else
        return ProcessIdentity(id: getppid(), start: 0, numbering: numbering)
        #endif
    }

    /// Programs that are the first process of a machine or a container, and start what belongs there.
    private static let firsts: Set<String> = [
        "init", "systemd", "launchd", "tini", "dumb-init", "docker-init", "catatonit", "s6-svscan", "runit",
    ]

    private static func isAgentFirst(in files: any FileSystem) -> Bool {
        guard let first = ProcessStatus(of: 1, in: files) else { return false }
        return !wrappers.contains(first.name) && !firsts.contains(first.name)
    }

    /// The processes that a hook comes from, up to an agent's service, which was started by whoever needed it first and
    /// serves others as well.
    package static func ancestorsOfHook(in files: any FileSystem) -> [Int32] {
        ancestors(in: files) { isService(ProcessStatus.words(of: $0, in: files)) }
    }

    /// Whether a process is an agent's service in the background: Codex's `app-server`, Claude Code's `daemon run`.
    package static func isService(_ words: [String]) -> Bool {
        let words = words.prefix(6)
        return words.dropFirst().contains("app-server")
            || zip(words, words.dropFirst()).contains { $0 == ("daemon", "run") }
    }

    /// The process as a record has it.
    init?(_ about: Payload) {
        guard let id = about["pid"].flatMap({ Int32($0.text) }), id > 0 else { return nil }
        var numbering: ProcessNumbering?
        if let boot = about["boot"]?.text, let namespace = about["pid_namespace"]?.text {
            numbering = ProcessNumbering(machine: about["machine"]?.text ?? "", boot: boot, namespace: namespace)
        }
        self.init(id: id, start: about["process_start"].flatMap { UInt64($0.text) } ?? 0, numbering: numbering)
    }

    var members: [(String, JSONValue)] {
        let numbering = numbering.map { numbering -> [(String, JSONValue)] in
            [
                ("machine", .string(numbering.machine)), ("boot", .string(numbering.boot)),
                ("pid_namespace", .string(numbering.namespace)),
            ]
        }
        return [("pid", .integer(id)), ("process_start", .integer(start))] + (numbering ?? [])
    }
}
