// What an event says, in a few words: the last column of the text format, a line of an inbox.
//
// Reads the payloads of our own producers and the spellings of others. A payload it doesn't understand is shown whole
// rather than not at all.

package import NeuraphageEvents

extension Event {
    /// The gist of the payload, not yet made visible; empty if there is nothing to say.
    package var summary: String {
        let summary = known ?? unknown
        return payload["inferred"]?.text == "true" ? "\(summary) (inferred)" : summary
    }

    private var known: String? {
        switch kind {
        case .taskStarted: text("title", "command", "agent")
        case .taskCompleted: text("summary", "message") ?? duration
        case .taskFailed: text("error").map(Self.firstLine)
        case .taskCancelled, .taskPaused: text("reason")
        case .taskWaitingForUser: text("prompt")
        case .fileModified: text("path")
        case .mainUpdated: mainUpdate
        case .rebaseRequired: commitsBehind
        case .rebaseCompleted: rebase
        case .rebaseConflict: conflict
        case .nudgeSent: text("message")
        case .syncRelayed: text("learning", "learning_summary", "message")
        case .learningExtracted: text("title", "learning", "message")
        case .lockAcquired: lock("waited_ms", "waited")
        case .lockReleased: lock("held_ms", "held")
        case .lockWaiting: awaitedLock
        case .lockTimedOut: abandonedLock
        case .supervisionDegraded: text("error", "reason")
        case .supervisionRecovered: text("reason", "repo") ?? ""
        case .sessionStarted, .sessionEnded: text("session").map { "session \($0)" }
        case .logGap: text("lost").map { $0 == "1" ? "1 event lost" : "\($0) events lost" }
        case .logResumed: "lines that may be missing before this are repeated here"
        case .notificationRead: text("how").map { "read with \($0)" }
        case .notificationSuperseded: notifications("was overtaken", "were overtaken")
        case .notificationUndelivered:
            notifications("was not read before its task ended", "were not read before their task ended")
        case .runStarted: text("title", "command")
        case .runEnded: text("error").map(Self.firstLine) ?? text("reason") ?? duration
        case .workDiscarded: text("count").map { $0 == "1" ? "1 commit lost" : "\($0) commits lost" }
        default: kind.isOfAgent ? agent : nil
        }
    }

    /// The payload itself, or nothing if it is empty. What np logs is said in words whatever it holds.
    private var unknown: String {
        switch payload.json {
        case "{}", "null", "[]", "\"\"": ""
        default: kind == .rateLimitReached ? "" : kind.isReserved ? members ?? payload.json : payload.json
        }
    }

    /// The members of the payload one after another.
    private var members: String? {
        payload.members.map { members in
            members.map { "\($0.key.replacing("_", with: " ")) \($0.value.text)" }.joined(separator: ", ")
        }
    }

    /// What an agent's hook told: which agent, and the one word that says more.
    private var agent: String? {
        guard let agent = text("agent") else { return nil }
        let word = text("error", "reason", "source", "trigger", "agent_type", "task_id", "teammate")
        let words =
            switch kind {
            case .agentWaiting: [text("for"), text("tool")]
            case .agentResumed: [text("how"), milliseconds("waited_ms", atLeast: 0).map { "after \($0.brief)" }]
            case .agentTurnEnded: [word] + receipt
            default: [word]
            }
        return ([agent] + words.compactMap(\.self)).joined(separator: ", ")
    }

    /// What an agent's turn has left, in the order of what a person wants to know first.
    private var receipt: [String?] {
        func count(_ path: [String], _ noun: String) -> String? {
            let count = payload.value(at: path).flatMap { Int($0.text) } ?? 0
            return count == 0 ? nil : count == 1 ? "1 \(noun)" : "\(count) \(noun)s"
        }
        let failed = payload.value(at: ["tools", "failed"]).flatMap { Int($0.text) } ?? 0
        let tools = count(["tools", "n"], "tool").map { failed == 0 ? $0 : "\($0) (\(failed) failed)" }
        let checks = payload.payloads(at: "checks").map { "\($0.string("check") ?? "") \($0.string("last") ?? "")" }
        let asks = text("asks") == "true" ? "asks" : nil
        return [duration, tools, count(["files_count"], "file")] + checks.prefix(2).map { $0 } + [asks]
    }

    private func text(_ keys: String...) -> String? {
        keys.lazy.compactMap { payload[$0]?.text }.first
    }

    private static func firstLine(of text: String) -> String { String(text.prefix { !$0.isNewline }) }

    /// What is left to say of a command that ended well.
    private var duration: String? {
        text("duration_ms").flatMap { Int($0) }.map { "in \(Duration.milliseconds($0).brief)" }
    }

    /// A lock, and how long it was waited for or held, if that was long enough to matter.
    private func lock(_ key: String, _ verb: String) -> String? {
        text("resource").map { name in milliseconds(key, atLeast: 1_000).map { "\(name), \(verb) \($0.brief)" } ?? name
        }
    }

    private var awaitedLock: String? {
        text("resource").map { name in "waits for \(name)" + (payload.string("holder").map { ", held by \($0)" } ?? "")
        }
    }

    private var abandonedLock: String? {
        guard let name = text("resource") else { return nil }
        let waited = milliseconds("waited_ms", atLeast: 0).map { " after \($0.brief)" } ?? ""
        let holder = payload.string("holder").map { ", held by \($0)" } ?? ""
        return "gave up waiting for \(name)\(waited)\(holder)"
    }

    private func milliseconds(_ key: String, atLeast least: Int) -> Duration? {
        text(key).flatMap { Int($0) }.flatMap { $0 >= least ? .milliseconds($0) : nil }
    }

    /// How many notifications the event names, and what has become of them: of one, or of several.
    private func notifications(_ one: String, _ several: String) -> String {
        let count = payload.strings(at: "notifications").count
        return count == 1 ? "1 notification \(one)" : "\(count) notifications \(several)"
    }

    private var mainUpdate: String? {
        guard let commit = text("commit", "new_commit") else { return nil }
        let branch = text("branch").map { " on \($0)" } ?? ""
        let subject = text("subject").map { ": \(Self.firstLine(of: $0))" } ?? ""
        let forced = text("how") == "forced" ? ", forced" : ""
        return "commit \(Self.abbreviated(commit))\(branch)\(forced)\(subject)"
    }

    private var commitsBehind: String? {
        text("commits_behind").map { $0 == "1" ? "1 commit behind" : "\($0) commits behind" }
    }

    private var rebase: String? {
        guard let previous = text("previous", "previous_head"), let new = text("new", "new_head") else { return nil }
        return "\(Self.abbreviated(previous))..\(Self.abbreviated(new))"
    }

    private var conflict: String? {
        let files = payload.strings(at: "files") + payload.strings(at: "conflicting_files")
        guard !files.isEmpty else { return text("details") }
        let commit = payload.value(at: ["touched", "0", "commits", "0", "commit"])?.string
        let subject = payload.value(at: ["touched", "0", "commits", "0", "subject"])?.string
        let cause = commit.map {
            " with \(Self.abbreviated($0))" + (subject.map { ": \(Self.firstLine(of: $0))" } ?? "")
        }
        return "conflict in \(files.joined(separator: ", "))\(cause ?? "")"
    }

    /// An object name with 7 digits; anything else as it is.
    private static func abbreviated(_ name: String) -> String {
        let isObjectName = (name.utf8.count == 40 || name.utf8.count == 64) && name.allSatisfy(\.isHexDigit)
        return isObjectName ? String(name.prefix(7)) : name
    }
}
