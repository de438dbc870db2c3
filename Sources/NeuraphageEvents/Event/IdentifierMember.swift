// The members of payloads by which events, commits, sessions and tasks are found again. Whatever else of a payload the log
// leaves out, these stay as they are: half an id is none, and an event that names no other one any more is lost to
// whatever follows it.
//
// The table of all events has the same names; a test compares them.

/// A member that holds ids, by its name.
enum IdentifierMember {
    static let names: Set<String> = [
        "agent_id", "begin", "by", "cause", "commit", "commits", "from", "holder", "input", "new", "notification",
        "notifications", "onto", "previous", "resource", "session", "task_id", "to", "turn", "upto", "waited_for",
    ]

    /// How long an id may be, in bytes of JSON text. What is longer is none.
    private static let longest = 128

    /// Whether a string is an id, or one of a list of ids.
    static func holds(_ string: JSONText.StringValue, _ json: Span<UInt8>) -> Bool {
        guard string.value.range.count <= longest, let key = string.key ?? string.list else { return false }
        return names.contains(JSONText.decode(key, json))
    }
}
