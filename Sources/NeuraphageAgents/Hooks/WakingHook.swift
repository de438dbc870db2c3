// A call of the hook that Claude Code runs in the background when it stops, and that wakes the agent by how it ends. What has
// come is not printed here: being woken is a prompt, and with that the other hook hands it over as with any prompt.

package import NeuraphageEvents
import NeuraphagePresentation
package import NeuraphageSystem
package import NeuraphageTasks

/// What may wake an agent that has stopped.
package struct WakingHook {
    /// How long the agent lets it wait, in s, as np init tells it.
    package static let timeout = 86_400
    /// The exit code by which the agent is woken.
    package static let wakes: Int32 = 2

    private let session: AgentSession
    private let task: TaskID
    private let logPath: String
    private let directory: DataDirectory

    /// A call of the hook; `nil` if the agent has not stopped, or np knows no task of its session.
    ///
    /// - Parameters:
    ///   - agent: Whose hook it is.
    ///   - bytes: What the agent tells.
    ///   - logPath: The log.
    ///   - dataDirectory: Where is remembered what has begun.
    package init?(_ agent: Agent, telling bytes: Span<UInt8>, logPath: String, in dataDirectory: DataDirectory) {
        guard let input = HookInput(agent, bytes), input.event == "Stop", input.answer != nil,
            // Codex may run Claude Code's hooks, and would wait for this one.
            input.session.agent == .claude,
            let task = AgentSessions(in: dataDirectory).open(input.session)?.task
        else { return nil }
        session = input.session
        self.task = task
        self.logPath = logPath
        directory = dataDirectory
    }

    /// Waits until the agent should be woken.
    ///
    /// - Parameters:
    ///   - deadline: Until when to wait, in ns of the clock `MonotonicClock`.
    ///   - chooses: Which messages wake it.
    ///   - output: The wait ends when the agent no longer reads from this descriptor.
    /// - Returns: What the agent is told; `nil` if it need not be woken any more.
    /// - Throws: ``OperationError`` or `EventLogError` if the log cannot be read.
    package func wait(until deadline: UInt64, for chooses: (Event) -> Bool, output: Int32?) throws -> String? {
        let waker = AgentWaker(session, of: task, logPath: logPath, in: directory)
        let count = try waker.wait(until: deadline, for: chooses, output: output).count
        if count == 0 { return nil }
        let messages = count == 1 ? "1 notification has" : "\(count) notifications have"
        return "np inbox: \(messages) come for \(task.description.visible); what they say comes with this"
    }
}
