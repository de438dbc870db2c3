// Where the agent is that a hook was called by, as this process sees it.

package import NeuraphageEvents
import NeuraphagePlatform
package import NeuraphageSystem

extension AgentLocation {
    /// Where an agent is that has called this process.
    package static func ofCaller(_ agent: ProcessIdentity?, in files: any FileSystem) -> AgentLocation {
        let terminal = agent.flatMap { ProcessStatus(of: $0.id, in: files)?.terminal }
        return AgentLocation(host: hostName, terminal: terminal) { name in getenv(name).map { String(cString: $0) } }
    }

    /// This machine's name for itself.
    package static var hostName: String? {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return nil }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
