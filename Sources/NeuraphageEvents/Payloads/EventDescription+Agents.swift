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
                PayloadMember(
                    "where",
                    .object(location),
                    "where the user finds it, as the environment of its hook says",
                    .when("that says anything")
                ),
                PayloadMember(
                    "inferred",
                    .flag,
                    "`true`: its beginning was not heard, because np's hooks came later; it goes on, as a prompt shows",
                    .when("it is so")
                ),
            ]
        ),
        agent(
            "AgentSessionEnded",
            "An agent's session ended.",
            by: "the agent's hook; a process that finds that its process is gone",
            [
                PayloadMember("reason", .text, "why, in a word of the agent's or in np's words", .when("it is known"))
            ] + end
        ),
        agent(
            "AgentTurnStarted",
            "A prompt was given to an agent.",
            [
                turn, PayloadMember("prompt_bytes", .bytes, "how long the prompt is", .when("the agent tells it")),
                PayloadMember(
                    "machine",
                    .flag,
                    "`true`: no person has given it, but the agent itself, as when a task in the background has ended",
                    .when("it is so")
                ),
            ]
        ),
        agent(
            "AgentTurnEnded",
            "An agent's turn ended, and what was done in it.",
            by: "the agent's hook; a process that finds that the next turn has begun, or that the session has ended",
            [turn] + receipt + [
                PayloadMember(
                    "asks",
                    .flag,
                    "`true`: the agent's last message ends with a question",
                    .when("it is so")
                ),
                PayloadMember(
                    "background",
                    .count,
                    "how many tasks go on in the background, so that the agent is not idle",
                    .when("there are any, and the agent says so")
                ),
                PayloadMember("interrupted", .flag, "`true`: the user has interrupted it", .when("it is so")),
                PayloadMember("error", .text, "what went wrong, in a word of the agent's", .when("it failed")),
                PayloadMember(
                    "until",
                    .text,
                    "when the limit ends",
                    .when("a limit was reached, and the agent says so")
                ),
                PayloadMember("reason", .text, "why np takes it for ended", .when("no hook reported it")),
            ] + end
        ),
        agent(
            "AgentWaiting",
            "An agent waits for a person.",
            [
                turn, waitingFor, waitingTool,
                PayloadMember(
                    "agent_id",
                    .name,
                    "the subagent that waits, as the agent names it",
                    .when("a subagent waits")
                ),
                PayloadMember("since", .text, "when the agent stopped", .when("it is idle")),
            ]
        ),
        agent(
            "AgentResumed",
            "An agent's wait for a person ended.",
            by: "the agent's next hook; a process that sees that the agent goes on, or that its process is gone",
            [
                waitingFor, waitingTool,
                PayloadMember(
                    "how",
                    .word(["allowed", "denied", "aborted", "answered", "inferred"]),
                    "how it ended; `inferred`: that isn't known"
                ),
                PayloadMember(
                    "waited_ms",
                    .milliseconds,
                    "how long it has waited, without the time that the tool took; at most so long, if it is inferred",
                    .when("it is known")
                ),
            ] + end
        ),
        agent("AgentSubagentStarted", "A subagent of an agent began.", subagent),
        agent(
            "AgentSubagentEnded",
            "A subagent of an agent ended.",
            by: "the agent's hook; a process that finds that the session has ended, or that its process is gone",
            subagent + [PayloadMember("reason", .text, "why np takes it for ended", .when("no hook reported it"))] + end
        ),
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
            [PayloadMember("prompt", .text, "what it waits for, in np's words")]
                + session(.when("an agent's hook tells it"))
        ),
        EventDescription(
            .rateLimitReached,
            "A rate limit holds a task up.",
            by: "an agent's hook; an orchestrator",
            tasks: "comes from the task",
            [
                PayloadMember("error", .text, "what the agent calls it", .when("an agent's hook tells it")),
                PayloadMember("until", .text, "when the limit ends", .when("the agent says so")),
            ] + session(.when("an agent's hook tells it"))
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
            session(.always) + members
        )
    }

    /// Which session of which agent it is.
    static func session(_ presence: PayloadMember.Presence) -> [PayloadMember] {
        [
            PayloadMember("agent", .word(["claude", "codex"]), "which agent", presence),
            PayloadMember("session", .name, "the session, as the agent names it", presence),
        ]
    }

    private static let turn = PayloadMember("turn", .name, "the turn's name", .when("the agent gives its turns names"))

    private static let waitingFor = PayloadMember(
        "for",
        .word(["permission", "input", "idle"]),
        "for what: permission to use a tool, an answer, or the next prompt"
    )

    private static let waitingTool = PayloadMember("tool", .text, "the tool's name", .when("it is about one"))

    private static let receipt = [
        PayloadMember(
            "duration_ms",
            .milliseconds,
            "how long it took; if it is inferred, until something was heard of it last",
            .when("its beginning is known")
        ),
        PayloadMember(
            "continued",
            .flag,
            "`true`: the turn had ended, and this is what was done since",
            .when("it is so")
        ),
        PayloadMember(
            "tools",
            .object([
                PayloadMember("n", .count, "how often a tool was used"),
                PayloadMember("failed", .count, "how often it failed"),
                PayloadMember(
                    "denied",
                    .count,
                    "how often it was not used, because it was refused; not counted in `n`"
                ),
                PayloadMember(
                    "names",
                    .counts,
                    "how often each was used, of the 20 most used ones",
                    .when("one was used")
                ),
            ]),
            "the tools that were used, by subagents as well",
            .when("its beginning is known, or something was done")
        ),
        PayloadMember(
            "failures",
            .objects([
                PayloadMember("tool", .text, "the tool"),
                PayloadMember("n", .count, "how often it failed with this input"),
                PayloadMember(
                    "input",
                    .name,
                    "a hash of the input with a secret of the data directory: the same for the same input",
                    .when("the agent tells the input")
                ),
                PayloadMember(
                    "since_change",
                    .count,
                    "how often it failed since a tool changed a file last",
                    .when("a file was changed")
                ),
            ]),
            "the 20 most frequent inputs with which tools failed",
            .when("one failed")
        ),
        PayloadMember(
            "checks",
            .objects([
                PayloadMember("check", .text, "its entry in the list of checks"),
                PayloadMember("n", .count, "how often it was run"),
                PayloadMember("failed", .count, "how often it is known to have failed"),
                PayloadMember(
                    "last",
                    .word(["passed", "failed", "unknown"]),
                    "how it ended last; `unknown` where the command doesn't tell, as with `make test | tail`"
                ),
                PayloadMember(
                    "since_change",
                    .count,
                    "how often it failed since a tool changed a file last, or since it passed",
                    .when("it failed, and a file was changed")
                ),
            ]),
            "well-known checks that commands have run",
            .when("there were any")
        ),
        PayloadMember(
            "files",
            .paths,
            "the first 50 files that tools have changed, from the top of the worktree",
            .when("there were any")
        ),
        PayloadMember("files_count", .count, "how many files tools have changed", .when("there were any")),
        PayloadMember("waits_ms", .milliseconds, "how long a person was waited for", .when("one was waited for")),
        PayloadMember("subagents", .count, "how many subagents began", .when("one did")),
        PayloadMember("incomplete", .flag, "`true`: more was done than was written down", .when("it is so")),
    ]

    private static let location = [
        PayloadMember(
            "host",
            .text,
            "the machine's name for itself, in a container the container's",
            .when("it has one")
        ),
        PayloadMember("tty", .path, "the terminal's device", .when("the agent has one, and the system shows it")),
        PayloadMember(
            "program",
            .word(["tmux", "screen", "zellij", "kitty", "wezterm", "vscode"]),
            "what shows the agent, the innermost of them",
            .when("it is one of these")
        ),
        PayloadMember(
            "server",
            .text,
            "which of its servers or sessions: a socket of tmux or kitty, the name of a session of screen or zellij",
            .when("it is known")
        ),
        PayloadMember("pane", .text, "which of its panes or windows, such as `%3`", .when("it is known")),
    ]

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
