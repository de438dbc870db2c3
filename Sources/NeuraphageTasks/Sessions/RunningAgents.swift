// Agents that run on this machine and of which np knows no session: they work where np records nothing, or were started before
// their hooks were installed, because they read their settings when they start.

import NeuraphageEvents
import NeuraphagePlatform
package import NeuraphageSystem

/// An agent's process.
package struct RunningAgent: Hashable, Sendable {
    package let title: String
    package let pid: Int32
    /// Where it works; `nil` if that cannot be seen.
    package let directory: String?
}

package enum RunningAgents {
    /// The agents of this user that run and have no session in a data directory. Nothing where the system doesn't show
    /// processes.
    ///
    /// - Parameter home: The home directory with the agents' settings: those of an agent that is seen to have another one are
    ///   others.
    package static func notRecorded(in directory: DataDirectory, home: String?) -> [RunningAgent] {
        let files = directory.files
        let recorded = Set(AgentSessions(in: directory).open.compactMap { $0.process?.id })
        let ids = ((try? files.names(in: "/proc")) ?? []).compactMap { Int32($0) }.sorted()
        return ids.compactMap { id in
            guard !recorded.contains(id), let agent = agent(ProcessStatus.words(of: id, in: files)),
                (try? files.status(at: "/proc/\(id)", followingLinks: true))?.owner == geteuid(),
                case let other = ProcessStatus.variable("HOME", of: id, in: files), other == nil || other == home
            else { return nil }
            return RunningAgent(title: agent.title, pid: id, directory: try? files.resolve("/proc/\(id)/cwd"))
        }
    }

    /// The agent that a process is, by the words with which it was started: its name, or that of the script that an
    /// interpreter runs.
    static func agent(_ words: [String]) -> Agent? {
        let names = words.prefix(2).map { $0.split(separator: "/").last.map(String.init) ?? "" }
        guard let name = names.first, !ProcessIdentity.isService(words) else { return nil }
        if let agent = Agent(rawValue: name) { return agent }
        return ["node", "bun", "deno"].contains(name) && names.count > 1 ? Agent(rawValue: names[1]) : nil
    }
}
