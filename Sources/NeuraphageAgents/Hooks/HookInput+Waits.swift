// What a call says about waiting for a person. Pure.

import NeuraphageEvents
import NeuraphageSystem
import NeuraphageTasks

extension HookInput {
    /// The events that may begin a wait.
    static let waitingEvents: Set<String> = ["PermissionRequest", "Notification", "Elicitation"]

    /// What a call says about waits that go on; `nil` if it says nothing.
    ///
    /// - Parameters:
    ///   - isNewTurn: Whether a prompt begins a turn.
    ///   - hash: Hashes what a tool was told.
    func sign(beginningTurn isNewTurn: Bool, hash: KeyedHash?) -> AgentWait.Sign? {
        switch event {
        case "PostToolUse", "PostToolUseFailure": .used(waitingTool(hash), duration: duration)
        case "PermissionDenied": .refused(waitingTool(hash))
        case "PermissionRequest": .asked(waitingTool(hash))
        case "ElicitationResult": .closed(isAnswer: word("action") == "accept")
        case "Notification":
            ["elicitation_complete", "elicitation_response"].contains(text("notification_type"))
                ? .closed(isAnswer: true) : nil
        case "UserPromptSubmit": .prompted(isMachine: isMachinePrompt, isNewTurn: isNewTurn)
        case "Stop", "StopFailure", "agent-turn-complete": .stopped(thread: nil)
        case "SubagentStop": .stopped(thread: text("agent_id"))
        case "Interrupt": .interrupted
        case "SessionEnd": .sessionEnded
        default: nil
        }
    }

    /// The wait that a call says has begun; `nil` if it says nothing of one.
    ///
    /// - Parameter stopped: Since when the agent has nothing to do; `nil` if that isn't known.
    func wait(idleSince stopped: Timestamp?, hash: KeyedHash?) -> AgentWait? {
        guard let reason = waitingReason else { return nil }
        if reason == .idle { return AgentWait(.idle, since: stopped ?? .now) }
        return AgentWait(reason, tool: waitingTool(hash), since: .now)
    }

    private var waitingReason: AgentWait.Reason? {
        switch event {
        case "PermissionRequest": return word("tool_name") == "AskUserQuestion" ? .input : .permission
        case "Elicitation": return .input
        default: break
        }
        switch text("notification_type") {
        case "permission_prompt", "worker_permission_prompt": return .permission
        case "idle_prompt": return .idle
        case "agent_needs_input", "elicitation_dialog", "elicitation_url_dialog", nil: return .input
        default: return nil
        }
    }

    private func waitingTool(_ hash: KeyedHash?) -> AgentWait.Tool {
        let input = tool.bytes.isEmpty ? nil : hash?.name(of: tool.bytes)
        return AgentWait.Tool(name: word("tool_name"), input: input, thread: text("agent_id"))
    }

    /// What the agent waits for, in our words: its own may quote what a tool was told.
    func prompt(of wait: AgentWait) -> String {
        switch (event, text("notification_type")) {
        case ("PermissionRequest", _): "permission for \(word("tool_name") ?? "a tool")"
        case (_, "idle_prompt"): "your next prompt"
        case (_, "agent_needs_input"): "an answer for one of its agents"
        case (_, "permission_prompt"), (_, "worker_permission_prompt"): "permission for a tool"
        case ("Elicitation", _), (_, .some): "an answer in a dialog"
        default: "your attention"
        }
    }
}
