// When an agent gives its model what a hook prints, and when it shows that the model has answered. Pure.
//
// A subagent gets nothing of what its session's task was told, and what it does is no answer: what a hook prints after a
// subagent's tool reaches that one alone, whose task is a part of the session's, and whose context is thrown away.

import NeuraphageEvents
import NeuraphageTasks

extension HookInput {
    /// When messages are handed over.
    enum Occasion {
        /// With a prompt, or after the context was compacted, when the model goes on at once. What a hook prints when a session
        /// begins would reach the model only if a prompt follows.
        case prompt
        /// Between the tools of a turn, just before the model is asked again.
        case tools
    }

    /// The occasion to hand over messages that this call is; `nil` if it is none.
    ///
    /// Claude Code may run many tools at once, and tells when all of them are done; Codex doesn't.
    var occasion: Occasion? {
        switch event {
        case "UserPromptSubmit": .prompt
        case "SessionStart": word("source") == "compact" ? .prompt : nil
        case "PostToolBatch": isOfSubagent || session.agent != .claude ? nil : .tools
        case "PostToolUse": isOfSubagent || session.agent != .codex ? nil : .tools
        default: nil
        }
    }

    /// The sign that the model has answered; `nil` if this call is none.
    var answer: ModelAnswer? {
        if isOfSubagent { return nil }
        switch event {
        case "Stop", "agent-turn-complete": return .stop
        case "PostToolUse", "PostToolUseFailure", "PostToolBatch", "PermissionRequest": return .tools(toolUses)
        default: return nil
        }
    }

    private var isOfSubagent: Bool { text("agent_id") != nil }

    /// Whether what the agent runs may write only some files, as far as it says.
    var isSandboxed: Bool { session.agent == .codex && word("permission_mode") != "bypassPermissions" }

    /// A text as the agent takes it from a hook for its model.
    func output(_ text: String, at occasion: Occasion) -> String {
        guard occasion == .tools else { return text }
        let words: [(String, JSONValue)] = [("hookEventName", .string(event)), ("additionalContext", .string(text))]
        return Payload(.object([("hookSpecificOutput", .object(words))])).json + "\n"
    }
}
