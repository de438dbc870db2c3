// What a hook's call means in our vocabulary. Pure: what the agent told goes in, kinds and payloads come out. An event
// that isn't listed here means nothing to us.

import NeuraphageEvents
import NeuraphageTasks

extension HookInput {
    /// What there is to say of a call, besides the beginning and end of tasks.
    ///
    /// - Parameters:
    ///   - task: The task that the agent works on, if it works on one.
    ///   - files: The door to the files that the agent names.
    ///   - endTurn: What is known of the turn that ends; `nil` if its end was told. Asked once, and only if that would be
    ///     told.
    func events(of task: TaskID?, in files: any FileSystem, endTurn: () -> AgentSessions.TurnEnd?) -> [Event] {
        switch event {
        case "SessionStart": return [sessionStarted(task)]
        case "SessionEnd": return [sessionEnded(task)]
        case "UserPromptSubmit":
            return [
                agentEvent("AgentTurnStarted", task, [turnMember, ("prompt_bytes", promptBytes.map { .integer($0) })])
            ]
        case "Stop", "agent-turn-complete": return turnEnded(task, [], endTurn)
        case "Interrupt": return turnEnded(task, [("interrupted", true)], endTurn)
        case "StopFailure":
            let error = JSONValue.string(word("error") ?? "other")
            let limit = word("error") == "rate_limit" ? [agentEvent(.rateLimitReached, task, [("error", error)])] : []
            return limit + turnEnded(task, [("error", error)], endTurn)
        case "PermissionRequest": return [waiting(task, "permission for \(word("tool_name") ?? "a tool")")]
        case "Notification": return notificationPrompt.map { [waiting(task, $0)] } ?? []
        case "SubagentStart": return [agentEvent("AgentSubagentStarted", task, subagent)]
        case "SubagentStop": return [agentEvent("AgentSubagentEnded", task, subagent)]
        case "TaskCreated": return [agentEvent("AgentTaskCreated", task, [member("task_id", text("task_id"))])]
        case "TaskCompleted": return [agentEvent("AgentTaskCompleted", task, [member("task_id", text("task_id"))])]
        case "TeammateIdle":
            let names = [member("teammate", text("teammate_name")), member("team", text("team_name"))]
            return [agentEvent("AgentTeammateIdle", task, names)]
        case "PreCompact": return [agentEvent("AgentCompacting", task, [member("trigger", word("trigger"))])]
        case "PostCompact": return [agentEvent("AgentCompacted", task, [member("trigger", word("trigger"))])]
        case "PostToolUse":
            let directory = directory.flatMap { AgentDirectory($0, in: files) }
            return changedFiles.map { file in
                let path = directory.map { $0.worktreePath(of: file) } ?? file
                return agentEvent(.fileModified, task, [("path", .string(path))])
            }
        default: return []
        }
    }

    /// The beginning of the task that the agent works on.
    func taskStarted(_ task: TaskID) -> Event {
        Event(.taskStarted, from: task, payload: ["agent": .string(session.agent.rawValue)])
    }

    private typealias Member = (key: String, value: JSONValue?)

    private func agentEvent(_ name: CustomName, _ task: TaskID?, _ members: [Member]) -> Event {
        agentEvent(.custom(name), task, members)
    }

    private func agentEvent(_ kind: EventKind, _ task: TaskID?, _ members: [Member]) -> Event {
        Event(
            kind,
            from: task,
            payload: Payload(
                .object(
                    session.members
                        + members.compactMap { key, value in
                            value.map { (key, $0) }
                        }
                )
            )
        )
    }

    private func member(_ key: String, _ text: String?) -> Member { (key, text.map { .string($0) }) }

    private var turnMember: Member { member("turn", turn) }

    private func sessionStarted(_ task: TaskID?) -> Event {
        let members = [
            member("source", word("source")), member("model", word("model")), member("agent_type", text("agent_type")),
        ]
        return agentEvent("AgentSessionStarted", task, members)
    }

    private func sessionEnded(_ task: TaskID?) -> Event {
        agentEvent(.custom(AgentSessions.endName), task, [member("reason", word("reason"))])
    }

    private func turnEnded(_ task: TaskID?, _ members: [Member], _ endTurn: () -> AgentSessions.TurnEnd?) -> [Event] {
        guard let end = endTurn() else { return [] }
        let begin = member("begin", end.begin?.description)
        return [agentEvent("AgentTurnEnded", task, [turnMember, begin] + members)]
    }

    private var subagent: [Member] { [member("agent_id", text("agent_id")), member("agent_type", text("agent_type"))] }

    private func waiting(_ task: TaskID?, _ prompt: String) -> Event {
        agentEvent(.taskWaitingForUser, task, [("prompt", .string(prompt))])
    }

    /// What the agent waits for, in our words: its own may quote what a tool was told. `nil` if it doesn't wait.
    private var notificationPrompt: String? {
        switch text("notification_type") {
        case "permission_prompt": "permission for a tool"
        case "idle_prompt": "your next prompt"
        case "agent_needs_input": "an answer for one of its agents"
        case "elicitation_dialog": "an answer in a dialog"
        case nil: "your attention"
        default: nil
        }
    }
}
