// What a hook's call means in our vocabulary. Pure: what the agent told goes in, kinds and payloads come out. An event
// that isn't listed here means nothing to us.

import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageTasks

extension HookInput {
    /// What there is to say of a call, besides the beginning and end of tasks.
    ///
    /// - Parameters:
    ///   - task: The task that the agent works on, if it works on one.
    ///   - changedFiles: The files that a tool has changed, as people name them.
    ///   - wait: The wait for a person that has begun, if one has.
    ///   - location: Where the agent is, if its session begins, or is heard of for the first time.
    ///   - zone: The user's time zone, in which an agent tells times.
    ///   - endTurn: What is known of the turn that ends; `nil` if its end was told.
    func events(
        of task: TaskID?,
        changing changedFiles: [String] = [],
        waiting wait: AgentWait? = nil,
        at location: AgentLocation? = nil,
        zone: LocalZone = .utc,
        endTurn: () -> AgentSessions.TurnEnd?
    ) -> [Event] {
        switch event {
        case "SessionStart": return [sessionStarted(task, location)]
        case "SessionEnd": return [sessionEnded(task)]
        case "UserPromptSubmit": return [agentEvent("AgentTurnStarted", task, [turnMember] + promptMembers)]
        case "Stop", "agent-turn-complete": return turnEnded(task, stopMembers, endTurn)
        case "Interrupt": return turnEnded(task, [("interrupted", true)], endTurn)
        case "StopFailure": return turnFailed(task, zone, endTurn)
        case _ where Self.waitingEvents.contains(event): return wait.map { waiting($0, task) } ?? []
        case "SubagentStart": return isOfUsersSubagent ? [agentEvent("AgentSubagentStarted", task, subagent)] : []
        case "SubagentStop": return isOfUsersSubagent ? [agentEvent("AgentSubagentEnded", task, subagent)] : []
        case "TaskCreated": return [agentEvent("AgentTaskCreated", task, [member("task_id", text("task_id"))])]
        case "TaskCompleted": return [agentEvent("AgentTaskCompleted", task, [member("task_id", text("task_id"))])]
        case "TeammateIdle":
            let names = [member("teammate", text("teammate_name")), member("team", text("team_name"))]
            return [agentEvent("AgentTeammateIdle", task, names)]
        case "PreCompact": return [agentEvent("AgentCompacting", task, [member("trigger", word("trigger"))])]
        case "PostCompact": return [agentEvent("AgentCompacted", task, [member("trigger", word("trigger"))])]
        case "PostToolUse": return changedFiles.map { agentEvent(.fileModified, task, [("path", .string($0))]) }
        default: return []
        }
    }

    /// Whether it is the end of a turn.
    var endsTurn: Bool { ["Stop", "agent-turn-complete", "Interrupt", "StopFailure"].contains(event) }

    /// Whether it is about a subagent that works for the user. Those that the agent has for itself have no type.
    var isOfUsersSubagent: Bool { !(text("agent_type") ?? "").isEmpty }

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

    /// The beginning of a session, as it is told, or as a prompt shows that there has been one.
    func sessionStarted(_ task: TaskID?, _ location: AgentLocation?, isInferred: Bool = false) -> Event {
        let members = [
            // The source of a prompt is another one.
            isInferred ? ("inferred", true) : member("source", word("source")),
            member("model", word("model")), member("agent_type", text("agent_type")), ("where", location?.value),
        ]
        return agentEvent("AgentSessionStarted", task, members)
    }

    private func sessionEnded(_ task: TaskID?) -> Event {
        agentEvent(.custom(AgentSessions.endName), task, [member("reason", word("reason"))])
    }

    private var promptMembers: [Member] {
        [("prompt_bytes", promptBytes.map { .integer($0) }), ("machine", isMachinePrompt ? true : nil)]
    }

    private var stopMembers: [Member] {
        let background: JSONValue? = backgroundTasks > 0 ? .some(.integer(backgroundTasks)) : .none
        return [("asks", asks == true ? true : nil), ("background", background)]
    }

    private func turnEnded(_ task: TaskID?, _ members: [Member], _ endTurn: () -> AgentSessions.TurnEnd?) -> [Event] {
        guard let end = endTurn() else { return [] }
        let receipt = end.receipt.map { (key: $0.0, value: Optional($0.1)) }
        return [agentEvent("AgentTurnEnded", task, [turnMember] + receipt + members)]
    }

    private func turnFailed(_ task: TaskID?, _ zone: LocalZone, _ endTurn: () -> AgentSessions.TurnEnd?) -> [Event] {
        let error = word("error") ?? "other"
        let until = error == "rate_limit" ? limit.flatMap { $0.moment(after: .now, in: zone) } : nil
        let members = [member("error", error), member("until", until?.description)]
        let limits = error == "rate_limit" ? [agentEvent(.rateLimitReached, task, members)] : []
        return limits + turnEnded(task, members, endTurn)
    }

    private var subagent: [Member] { [member("agent_id", text("agent_id")), member("agent_type", text("agent_type"))] }

    /// The event that is logged, and the one of the specification, which isn't.
    private func waiting(_ wait: AgentWait, _ task: TaskID?) -> [Event] {
        let since = wait.reason == .idle ? wait.since.description : nil
        let shown = wait.shownMembers.map { (key: $0.0, value: Optional($0.1)) }
        return [
            agentEvent(
                .agentWaiting,
                task,
                [turnMember, member("agent_id", text("agent_id"))] + shown + [member("since", since)]
            ),
            agentEvent(.taskWaitingForUser, task, [("prompt", .string(prompt(of: wait)))]),
        ]
    }
}
