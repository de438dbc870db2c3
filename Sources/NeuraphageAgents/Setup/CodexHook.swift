// A hook as Codex knows it: by its place in its file, and by a hash of what it does. Codex documents neither; this is what
// 0.129.0 to 0.163.0 do, and Proofs/agents compares it with what the program itself says.

import NeuraphageSystem

/// A hook in Codex's settings.
struct CodexHook {
    static let hashPrefix = "sha256:"

    let event: String
    /// In which group of the event it is, and as which of the group's entries.
    let group: Int
    let entry: Int
    /// What Codex trusts; `nil` if np cannot tell.
    let hash: String?

    init(event: String, group: Int, entry: Int, hash: String?) {
        (self.event, self.group, self.entry, self.hash) = (event, group, entry, hash)
    }

    /// `SessionStart` as `session_start`.
    var eventKey: String { Self.eventKey(event) }

    private static func eventKey(_ event: String) -> String {
        String(event.map { $0.isUppercase ? "_" + $0.lowercased() : String($0) }.joined().dropFirst())
    }

    /// The events whose hooks Codex runs whatever they match, and those for which it waits a short time at most.
    private static let eventsWithoutMatcher = ["UserPromptSubmit", "Stop", "Interrupt"]
    private static let eventsOfTheEnd = ["SessionEnd", "Interrupt"]

    /// The hash of a command that is a hook.
    ///
    /// - Parameters:
    ///   - matcher: What its group matches, if it says so.
    ///   - timeout: How long Codex waits for it, in s, if the entry says so.
    ///   - label: Its status message, if it has one.
    static func hash(
        event: String,
        command: String,
        matcher: String? = nil,
        timeout: Int? = nil,
        isAsync: Bool = false,
        label: String? = nil
    ) -> String {
        let isOfTheEnd = eventsOfTheEnd.contains(event)
        let seconds = min(max(timeout ?? (isOfTheEnd ? 1 : 600), 1), isOfTheEnd ? 3 : .max)
        let label = label.map { #","statusMessage":\#(AgentHooks.string($0))"# } ?? ""
        let matcher = eventsWithoutMatcher.contains(event) ? nil : matcher
        let hook =
            #"{"async":\#(isAsync),"command":\#(AgentHooks.string(command))\#(label),"timeout":\#(seconds),"type":"command"}"#
        let ending = matcher.map { #","matcher":\#(AgentHooks.string($0))"# } ?? ""
        let text = #"{"event_name":"\#(eventKey(event))","hooks":[\#(hook)]\#(ending)}"#
        return hashPrefix + SHA256.digits(of: text.utf8)
    }
}

extension AgentSettings {
    /// Hooks of ours as Codex knows them.
    func codexHooks(_ hooks: AgentHooks) -> [CodexHook] {
        events(running: hooks).flatMap { event in
            places(of: hooks, in: event).map { place in
                CodexHook(event: event, group: place.group, entry: place.entry, hash: hash(of: place))
            }
        }
    }

    private func hash(of place: Place) -> String? {
        var timeout: Int?
        var isAsync = false
        var label: String?
        for member in place.object.elements {
            switch (member.key, value(member)) {
            case ("command", _), ("type", #""command""#): continue
            case ("timeout", let seconds):
                guard let seconds = Int(seconds) else { return nil }
                timeout = seconds
            case ("async", "true"): isAsync = true
            case ("async", "false"): isAsync = false
            case ("statusMessage", _): label = string(member)
            default: return nil
            }
        }
        let matcher = place.groupObject.member("matcher")
        guard matcher.map({ string($0) != nil }) ?? true else { return nil }
        return CodexHook.hash(
            event: place.event,
            command: place.command,
            matcher: matcher.flatMap(string),
            timeout: timeout,
            isAsync: isAsync,
            label: label
        )
    }
}
