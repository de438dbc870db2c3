// What an agent tells its hook, as far as we want to know it. Both agents speak nearly the same language, and codex an
// older one besides, for its notifications.
//
// All of it is text from outside, so it is bounded here. What people and models write – prompts, tool input and output,
// messages, descriptions – is never taken out; of a prompt only its length, of a tool's input only which files it names.

import NeuraphageEvents
import NeuraphageTasks

/// One call of a hook.
struct HookInput {
    /// How long a text may be that we keep, in bytes.
    static let longestText = 200
    private static let longestPath = 4_096

    let session: AgentSession
    /// The event's name, such as `SessionStart`.
    let event: String
    /// The agent's working directory.
    private(set) var directory: String?
    /// How long the prompt is.
    private(set) var promptBytes: Int?
    /// The files that a tool was asked to change, as it was told their names.
    private(set) var changedFiles: [String] = []
    private var texts: [String: String] = [:]

    /// Reads the JSON of a hook; `nil` if it is none.
    ///
    /// - Parameters:
    ///   - isCut: Whether the end of the text is not there because it was too long.
    init?(_ agent: Agent, _ bytes: Span<UInt8>, isCut: Bool = false) {
        var position = bytes.startsWithByteOrderMark ? 3 : 0
        var texts: [String: String] = [:]
        var directory: String?
        var promptBytes: Int?
        var toolInput: Range<Int>?
        let isObject = LenientJSON.forEachMember(of: bytes, at: &position, isCut: isCut) { key, value, length in
            if let name = Self.wanted.first(where: { LenientJSON.isEqual(key, bytes, to: $0) })?.description {
                if texts[name] == nil { texts[name] = LenientJSON.text(value, bytes, atMost: Self.longestText) }
            } else if LenientJSON.isEqual(key, bytes, to: "cwd") {
                directory = LenientJSON.text(value, bytes, atMost: Self.longestPath)
            } else if LenientJSON.isEqual(key, bytes, to: "prompt") {
                promptBytes = length
            } else if LenientJSON.isEqual(key, bytes, to: "tool_input") {
                toolInput = value
            }
        }
        JSONText.skipWhitespace(bytes, &position)
        guard isObject, position == bytes.count || isCut, let event = texts["hook_event_name"] ?? texts["type"],
            let session = texts["session_id"] ?? texts["thread-id"], !session.isEmpty
        else { return nil }
        self.session = AgentSession(agent: agent, id: session)
        self.event = event
        self.directory = directory
        self.promptBytes = promptBytes
        self.texts = texts
        if event == "PostToolUse", let toolInput { changedFiles = Self.changedFiles(in: toolInput, bytes, texts) }
    }

    private static let wanted: [StaticString] = [
        "session_id", "thread-id", "hook_event_name", "type", "turn_id", "turn-id", "source", "model", "agent_type",
        "agent_id", "reason", "error", "tool_name", "notification_type", "trigger", "task_id", "teammate_name",
        "team_name",
    ]

    /// A member that the agent made up, such as an id.
    func text(_ name: String) -> String? { texts[name] }

    /// A member that is one word of the agent's own vocabulary. Anything else, which may be somebody's text, is nothing.
    func word(_ name: String) -> String? {
        guard let text = texts[name], !text.isEmpty, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            return nil
        }
        return text
    }

    /// The turn that it is about, where the agent gives its turns names.
    var turn: String? { texts["turn_id"] ?? texts["turn-id"] }

    /// Whether the agent gives the model what a hook prints now together with a prompt. What a hook prints when a session
    /// begins would reach the model only if a prompt follows; behind a compaction the model goes on at once.
    var takesMessages: Bool { event == "UserPromptSubmit" || event == "SessionStart" && word("source") == "compact" }

    /// Whether it shows that the model has answered: it has used a tool, or stopped. What a subagent does shows nothing.
    var isAnswer: Bool {
        guard texts["agent_id"] == nil else { return false }
        return ["PostToolUse", "PostToolUseFailure", "PermissionRequest", "Stop", "agent-turn-complete"].contains(event)
    }

    // MARK: - Changed files

    private static func changedFiles(
        in toolInput: Range<Int>,
        _ bytes: Span<UInt8>,
        _ texts: [String: String]
    ) -> [String] {
        let takesPath = ["Write", "Edit", "MultiEdit", "NotebookEdit"].contains(texts["tool_name"])
        guard takesPath || texts["tool_name"] == "apply_patch" else { return [] }
        var files: [String] = []
        var position = toolInput.lowerBound
        // The tool's input may be the patch itself.
        if bytes[position] == UInt8(ascii: "\"") { return takesPath ? [] : PatchedFiles.names(in: toolInput, bytes) }
        _ = LenientJSON.forEachMember(of: bytes, at: &position) { key, value, _ in
            let isPath = ["file_path", "notebook_path"].contains { LenientJSON.isEqual(key, bytes, to: $0) }
            let isPatch = ["command", "input", "patch"].contains { LenientJSON.isEqual(key, bytes, to: $0) }
            if takesPath, isPath, let path = LenientJSON.text(value, bytes, atMost: longestPath) {
                files.append(path)
            } else if !takesPath, isPatch {
                files += PatchedFiles.names(in: value, bytes)
            }
        }
        return files.filter { !$0.isEmpty }
    }
}

extension Span<UInt8> {
    var startsWithByteOrderMark: Bool {
        count >= 3 && self[0] == 0xef && self[1] == 0xbb && self[2] == 0xbf
    }
}
