// Which process an agent is, so that np can tell later that it is gone. A hook's parent is the agent, or a shell that the
// agent started for it.

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
        #if os(Linux)
        var id = getppid()
        while let status = ProcessStatus(of: id, in: files), !status.hasEnded {
            if status.parent <= 1 || !wrappers.contains(status.name) {
                return ProcessIdentity(id: id, start: status.start)
            }
            id = status.parent
        }
        #endif
        return ProcessIdentity(id: getppid(), start: 0)
    }

    /// The process as a record has it.
    init?(_ about: Payload) {
        guard let id = about["pid"].flatMap({ Int32($0.text) }), id > 0 else { return nil }
        self.init(id: id, start: about["process_start"].flatMap { UInt64($0.text) } ?? 0)
    }

    var members: [(String, JSONValue)] { [("pid", .integer(id)), ("process_start", .integer(start))] }
}
