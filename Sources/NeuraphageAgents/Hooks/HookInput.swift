// What an agent tells its hook, as far as we want to know it. Both agents speak nearly the same language, and codex an
// older one besides, for its notifications.
//
// All of it is text from outside, so it is bounded here. What people and models write – prompts, tool input and output,
// messages, descriptions – is never taken out; of a prompt only its length, of a tool's input only which files it names.

import NeuraphageEvents
import NeuraphageSystem
import NeuraphageTasks

/// One call of a hook.
struct HookInput {
    /// How long a text may be that we keep, in bytes.
    static let longestText = 200
    private static let longestPath = 4_096

    /// How long a command is that is looked through for checks, and how much of an input is hashed, in bytes.
    private static let longestCommand = 16_384
    private static let mostHashed = 1 << 16
    /// How many uses of tools of one batch are kept, and how much is looked through for them, in bytes.
    private static let mostToolUses = 100
    private static let mostOfToolCalls = 1 << 20

    let session: AgentSession
    /// The event's name, such as `SessionStart`.
    let event: String
    /// The agent's working directory.
    private(set) var directory: String?
    /// How long the prompt is.
    private(set) var promptBytes: Int?
    /// Whether the prompt comes from the agent itself, such as the news that a task in the background has ended.
    private(set) var isMachinePrompt = false
    /// Whether the agent's last message ends with a question; `nil` if there is none.
    private(set) var asks: Bool?
    /// The file in which the agent writes down what happens.
    private(set) var transcript: String?
    /// When the limit that the agent has reached ends, in its own words.
    private(set) var limit: RateLimitEnd?
    /// How many tasks the agent has in the background.
    private(set) var backgroundTasks = 0
    /// How long the tool took, in ms, without what a person was waited for.
    private(set) var duration: Int?
    /// Whether the tool was stopped by a person.
    private(set) var isInterrupt = false
    /// The files that a tool was asked to change, as it was told their names.
    private(set) var changedFiles: [String] = []
    /// What a tool was told, in this process only.
    private(set) var tool = ToolInput()
    /// The uses of tools that it is about, as records name them.
    private(set) var toolUses: [String] = []
    private var texts: [String: String] = [:]

    /// Of what a tool was told, what decides whether it is a check, and whether it is the same as another time.
    struct ToolInput {
        /// The command line, if the tool takes one.
        var command: String?
        /// Whether the command goes on after the tool has answered.
        var isInBackground = false
        /// What is hashed of it.
        var bytes: [UInt8] = []
    }

    /// Reads the JSON of a hook; `nil` if it is none, or that of an agent that np does not know: Cursor runs the hooks of Claude
    /// Code's settings as well.
    ///
    /// - Parameters:
    ///   - agent: The agent in whose settings the hook is.
    ///   - isCut: Whether the end of the text is not there because it was too long.
    init?(_ agent: Agent, _ bytes: Span<UInt8>, isCut: Bool = false) {
        var position = bytes.startsWithByteOrderMark ? 3 : 0
        var texts: [String: String] = [:]
        var directory: String?
        var promptBytes: Int?
        var values: [String: Range<Int>] = [:]
        let isObject = LenientJSON.forEachMember(of: bytes, at: &position, isCut: isCut) { key, value, length in
            if let name = Self.wanted.first(where: { LenientJSON.isEqual(key, bytes, to: $0) })?.description {
                if texts[name] == nil { texts[name] = LenientJSON.text(value, bytes, atMost: Self.longestText) }
            } else if LenientJSON.isEqual(key, bytes, to: "cwd") {
                directory = LenientJSON.text(value, bytes, atMost: Self.longestPath)
            } else if let name = Self.examined.first(where: { LenientJSON.isEqual(key, bytes, to: $0) })?.description {
                values[name] = value
                if name == "prompt" { promptBytes = length }
            }
        }
        JSONText.skipWhitespace(bytes, &position)
        guard isObject, position == bytes.count || isCut, let event = texts["hook_event_name"] ?? texts["type"],
            let session = texts["session_id"] ?? texts["thread-id"], !session.isEmpty, texts["cursor_version"] == nil
        else { return nil }
        let transcript = values["transcript_path"].flatMap { LenientJSON.text($0, bytes, atMost: Self.longestPath) }
        self.session = AgentSession(agent: Self.caller(agent, texts, transcript: transcript), id: session)
        self.transcript = transcript
        self.event = event
        self.directory = directory
        self.promptBytes = promptBytes
        self.texts = texts
        examine(values, bytes)
    }

    /// The agent that calls. One can take over the hooks of the other's settings: Claude Code names prompts, and Codex turns and
    /// its transcripts.
    private static func caller(_ agent: Agent, _ texts: [String: String], transcript: String?) -> Agent {
        if texts["prompt_id"] != nil { return .claude }
        let isCodex =
            texts["turn_id"] != nil || (transcript?.split(separator: "/").last?.hasPrefix("rollout-") ?? false)
        return isCodex ? .codex : agent
    }

    /// Takes out of what people and models wrote what may be known of it.
    private mutating func examine(_ values: [String: Range<Int>], _ bytes: Span<UInt8>) {
        if let prompt = values["prompt"], event == "UserPromptSubmit" {
            isMachinePrompt = Self.isMachine(prompt, bytes, source: texts["source"])
        }
        if let message = values["last_assistant_message"] ?? values["last-assistant-message"] {
            asks = LenientJSON.ending(message, bytes, atMost: Self.longestPath).map(LastMessage.asks)
            if event == "StopFailure" {
                limit = LenientJSON.text(message, bytes, atMost: Self.longestPath).flatMap(RateLimitEnd.init)
            }
        }
        if event == "StopFailure", limit == nil, let details = values["error_details"] {
            limit = LenientJSON.text(details, bytes, atMost: Self.longestPath).flatMap(RateLimitEnd.init)
        }
        backgroundTasks = values["background_tasks"].map { LenientJSON.count(of: $0, bytes) } ?? 0
        duration = values["duration_ms"].flatMap { LenientJSON.integer($0, bytes) }.flatMap { $0 >= 0 ? $0 : nil }
        isInterrupt = values["is_interrupt"].map { LenientJSON.isEqual($0, bytes, to: "true") } ?? false
        let ids = values["tool_calls"].map { Self.toolUseIDs(in: $0, bytes) } ?? texts["tool_use_id"].map { [$0] } ?? []
        toolUses = ids.map(StableHash.name)
        guard Self.toolEvents.contains(event) || event == "PermissionRequest", let input = values["tool_input"] else {
            return
        }
        if event == "PostToolUse" { changedFiles = Self.changedFiles(in: input, bytes, texts) }
        tool = Self.toolInput(input, bytes)
    }

    /// The events that tell of a tool that was used, or refused.
    static let toolEvents: Set<String> = ["PostToolUse", "PostToolUseFailure", "PermissionDenied"]

    /// What is looked at and not kept.
    private static let examined: [StaticString] = [
        "prompt", "tool_input", "last_assistant_message", "last-assistant-message", "error_details", "background_tasks",
        "duration_ms", "is_interrupt", "transcript_path", "tool_calls",
    ]

    private static let wanted: [StaticString] = [
        "session_id", "thread-id", "hook_event_name", "type", "turn_id", "turn-id", "prompt_id", "source", "model",
        "agent_type", "agent_id", "tool_use_id", "action", "reason", "error", "tool_name", "notification_type",
        "trigger", "task_id", "teammate_name", "team_name", "permission_mode", "cursor_version",
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

    /// The turn, or where the agent doesn't give its turns names, the prompt.
    var turnOrPrompt: String? { turn ?? texts["prompt_id"] }

    // MARK: - What people and models wrote

    /// What agents begin the prompts with that they make themselves.
    private static let machineTags = ["<task-notification>", "<teammate-message", "<cross-session-message"]
    private static let machineSources: Set<String> = ["system", "loop_wakeup", "schedule_wakeup", "poll_event"]

    private static func isMachine(_ prompt: Range<Int>, _ bytes: Span<UInt8>, source: String?) -> Bool {
        if let source { return machineSources.contains(source) }
        let start = LenientJSON.text(prompt, bytes, atMost: 64)?.drop(while: \.isWhitespace) ?? ""
        return machineTags.contains { start.hasPrefix($0) }
    }

    /// The ids of tools that were used at once. Each comes before what its tool has answered, which may be megabytes.
    private static func toolUseIDs(in calls: Range<Int>, _ bytes: Span<UInt8>) -> [String] {
        var ids: [String] = []
        let beginning = bytes.extracting(0..<min(calls.upperBound, calls.lowerBound + mostOfToolCalls))
        var position = calls.lowerBound
        guard JSONText.skip("[", beginning, &position) else { return ids }
        while ids.count < mostToolUses {
            let isObject = LenientJSON.forEachMember(of: beginning, at: &position, isCut: true) { key, value, _ in
                guard LenientJSON.isEqual(key, beginning, to: "tool_use_id") else { return }
                if let id = LenientJSON.text(value, beginning, atMost: longestText) { ids.append(id) }
            }
            JSONText.skipWhitespace(beginning, &position)
            guard isObject, JSONText.skip(",", beginning, &position) else { break }
        }
        return ids
    }

    private static func toolInput(_ input: Range<Int>, _ bytes: Span<UInt8>) -> ToolInput {
        var tool = ToolInput()
        var hashed = input
        var position = input.lowerBound
        _ = LenientJSON.forEachMember(of: bytes, at: &position) { key, value, length in
            if LenientJSON.isEqual(key, bytes, to: "command"), let length {
                // A description of the command differs from one attempt to the next.
                hashed = value
                if length <= longestCommand { tool.command = LenientJSON.text(value, bytes, atMost: longestCommand) }
            } else if LenientJSON.isEqual(key, bytes, to: "run_in_background") {
                tool.isInBackground = LenientJSON.isEqual(value, bytes, to: "true")
            }
        }
        let end = min(hashed.upperBound, hashed.lowerBound + mostHashed)
        tool.bytes = bytes.extracting(hashed.lowerBound..<end).withUnsafeBufferPointer(Array.init)
        tool.bytes += Array(":\(hashed.count)".utf8)
        return tool
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
