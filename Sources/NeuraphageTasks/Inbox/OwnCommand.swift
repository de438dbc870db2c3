// How an agent can run np: what np tells it to run, it must be able to run. Its shell may find another np or none, because a
// login shell, in which Codex runs commands, makes its own search path; and its sandbox may keep np's files read-only.

package import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageSystem

/// np as a command that an agent types.
package struct OwnCommand: Hashable, Sendable {
    /// The first word of it, as a shell reads it.
    package let word: String
    /// What to do if that is refused; `nil` if nothing refuses it.
    package let refusal: String?

    package init(word: String = "np", refusal: String? = nil) {
        self.word = word
        self.refusal = refusal
    }

    /// Where every login shell looks for programs, whatever the agent's own search path is.
    private static let usual = ["/usr/local/bin", "/usr/bin", "/bin"]

    /// This np for an agent that has called it.
    ///
    /// - Parameters:
    ///   - isSandboxed: Whether what the agent runs may write only some files.
    ///   - path: Where this np is; `nil` if that is not known.
    ///   - searchPath: The directories in which the agent's own process looks for programs.
    package init(of agent: Agent, isSandboxed: Bool, path: String?, searchPath: String?, in files: any FileSystem) {
        var directories = searchPath?.split(separator: ":").map(String.init) ?? []
        if agent == .codex { directories.removeAll { !Self.usual.contains($0) } }
        let found = directories.lazy.map { $0 + "/np" }.first { files.exists($0) }.flatMap { try? files.resolve($0) }
        word = path.map { found == $0 ? "np" : ShellWord.quoted($0) } ?? "np"
        refusal =
            agent == .codex && isSandboxed
            ? #"if the sandbox refuses it: run it again with sandbox_permissions "require_escalated""# : nil
    }
}
