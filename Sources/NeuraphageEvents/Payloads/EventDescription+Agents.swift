// The table: what agents' hooks tell. None of it is what a person or a model has written: of a prompt its length, of a tool
// its name.

extension EventDescription {
    static let ofAgents: [EventDescription] = [
        agent(
            "AgentSessionStarted",
            "An agent's session began, or goes on in another process.",
            [
                PayloadMember(
                    "source",
                    .text,
                    "why, in a word of the agent's: `startup`, `resume`, …",
                    .when("the agent says so")
                ),
                PayloadMember("model", .text, "the model", .when("the agent says so")),
                PayloadMember("agent_type", .text, "what sort of agent it is", .when("the agent says so")),
            ]
        ),
        agent(
            "AgentSessionEnded",
            "An agent's session ended.",
            by: "the agent's hook; a process that finds that its process is gone",
            [
                PayloadMember("reason", .text, "why, in a word of the agent's or in np's words", .when("it is known")),
                inferred,
            ]
        ),
        agent(
            "AgentTurnStarted",
            "A prompt was given to an agent.",
            [turn, PayloadMember("prompt_bytes", .bytes, "how long the prompt is", .when("the agent tells it"))]
        ),
        agent(
            "AgentTurnEnded",
            "An agent's turn ended.",
            by: "the agent's hook; a process that finds that the next turn has begun, or that the session has ended",
            [
                turn,
                PayloadMember("interrupted", .flag, "`true`: the user has interrupted it", .when("it is so")),
                PayloadMember("error", .text, "what went wrong, in a word of the agent's", .when("it failed")),
                PayloadMember("reason", .text, "why np takes it for ended", .when("no hook reported it")),
            ] + end
        ),
        agent("AgentSubagentStarted", "A subagent of an agent began.", subagent),
        agent("AgentSubagentEnded", "A subagent of an agent ended.", subagent),
        agent("AgentTaskCreated", "An agent made an item of its own list of tasks.", listItem),
        agent("AgentTaskCompleted", "An agent completed an item of its own list of tasks.", listItem),
        agent(
            "AgentTeammateIdle",
            "An agent of a team has nothing to do.",
            [
                PayloadMember("teammate", .text, "its name in the team", .when("the agent says so")),
                PayloadMember("team", .text, "the team", .when("the agent says so")),
            ]
        ),
        agent("AgentCompacting", "An agent is about to compact its context.", trigger),
        agent("AgentCompacted", "An agent has compacted its context.", trigger),
        EventDescription(
            .taskWaitingForUser,
            "A task waits for an answer from a person.",
            by: "an agent's hook; an orchestrator",
            tasks: "comes from the task",
            [PayloadMember("prompt", .text, "what it waits for, in np's words")] + sessionIfKnown
        ),
        EventDescription(
            .rateLimitReached,
            "A rate limit holds a task up.",
            by: "an agent's hook; an orchestrator",
            tasks: "comes from the task",
            [PayloadMember("error", .text, "what the agent calls it", .when("an agent's hook tells it"))]
                + sessionIfKnown
        ),
    ]

    /// A kind that only agents' hooks publish.
    private static func agent(
        _ name: CustomName,
        _ meaning: String,
        by publishers: String = "the agent's hook",
        _ members: [PayloadMember]
    ) -> EventDescription {
        EventDescription(
            .custom(name),
            meaning,
            by: publishers,
            tasks: "comes from the task of the session, if it has one",
            [agentMember(.always), sessionMember(.always)] + members
        )
    }

    static let agent = PayloadMember.Form.word(["claude", "codex"])

    static func agentMember(_ presence: PayloadMember.Presence) -> PayloadMember {
        PayloadMember("agent", agent, "which agent", presence)
    }

    static func sessionMember(_ presence: PayloadMember.Presence) -> PayloadMember {
        PayloadMember("session", .name, "the session, as the agent names it", presence)
    }

    /// Of kinds that others publish as well.
    static let sessionIfKnown = [
        agentMember(.when("an agent's hook tells it")), sessionMember(.when("an agent's hook tells it")),
    ]

    private static let turn = PayloadMember("turn", .name, "the turn's name", .when("the agent gives its turns names"))

    private static let subagent = [
        PayloadMember("agent_id", .name, "the subagent, as the agent names it", .when("the agent says so")),
        PayloadMember("agent_type", .text, "what sort of agent it is", .when("the agent says so")),
    ]

    private static let listItem = [
        PayloadMember("task_id", .name, "the item, as the agent names it", .when("the agent says so"))
    ]

    private static let trigger = [
        PayloadMember("trigger", .text, "who wanted it, in a word of the agent's", .when("the agent says so"))
    ]
}
