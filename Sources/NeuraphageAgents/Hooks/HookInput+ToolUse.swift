// What a call says about the use of a tool, without what the tool was told and what it answered.

import NeuraphageEvents
import NeuraphageSystem
import NeuraphageTasks

extension HookInput {
    /// The use of a tool of which a call tells that it is over; `nil` if it tells of none.
    ///
    /// - Parameters:
    ///   - files: The files that the tool has changed, as people name them.
    ///   - checks: The checks to look for in commands.
    ///   - hash: Hashes the input of a tool that has failed.
    func toolUse(changing files: [String], checks: CheckList, hash: () -> KeyedHash?) -> ToolUse? {
        guard Self.toolEvents.contains(event) else { return nil }
        var use = ToolUse(word("tool_name") ?? "other", files: files)
        use.id = text("tool_use_id").map(StableHash.name)
        switch event {
        case "PostToolUseFailure": use.outcome = .failed
        case "PermissionDenied": use.outcome = .denied
        default: break
        }
        if use.outcome == .failed, !tool.bytes.isEmpty {
            use.input = hash()?.name(of: Array(use.name.utf8) + tool.bytes)
        }
        if let command = tool.command, use.outcome != .denied {
            use.checks = checks.checks(in: command, hasSucceeded: hasSucceeded(use.outcome))
        }
        return use
    }

    /// Whether a command that is over has succeeded; `nil` if the agent doesn't say. Codex calls the same hook however a
    /// command ends.
    private func hasSucceeded(_ outcome: ToolUse.Outcome) -> Bool? {
        if session.agent == .codex || tool.isInBackground || isInterrupt { return nil }
        return outcome == .succeeded
    }
}
