// What the payloads of events say, as far as a task's state needs it: each in one pass, and nothing else taken out. Members of
// another type than they should be count as not there; of two of one name the first counts.
//
// They are classes, because each is handed to several functions that change what is known, and would be copied each time.

import NeuraphageEvents

extension Payload.ValueRange {
    private static var longest: Int { 500 }

    /// The beginning of a string: nothing that is kept may be long.
    fileprivate func words(_ bytes: Span<UInt8>) -> String? {
        guard let text = string(bytes) else { return nil }
        guard text.utf8.count > Self.longest else { return text }
        var end = text.utf8.index(text.startIndex, offsetBy: Self.longest)
        while end.samePosition(in: text.unicodeScalars) == nil { end = text.utf8.index(before: end) }
        return "\(text[..<end])…"
    }

    fileprivate func count(_ bytes: Span<UInt8>) -> Int? { integer(bytes).map { max(0, $0) } }
}

/// Takes a value for something that has none yet.
private func set<Value>(_ target: inout Value?, _ value: @autoclosure () -> Value?) {
    if target == nil { target = value() }
}

/// A repository and what an event is about in it.
struct CheckoutWords {
    private(set) var repo: String?
    private(set) var commonDirectory: String?
    private(set) var branch: String?
    private var worktree: String?

    var checkout: Checkout? {
        guard let repo = repo ?? commonDirectory else { return nil }
        return Checkout(repo: repo, commonDirectory: commonDirectory, branch: branch, worktree: worktree)
    }

    mutating func take(_ member: Payload.Member, _ bytes: Span<UInt8>) {
        if member.isNamed("repo", bytes) {
            set(&repo, member.value.string(bytes))
        } else if member.isNamed("common_dir", bytes) {
            set(&commonDirectory, member.value.string(bytes))
        } else if member.isNamed("branch", bytes) {
            set(&branch, member.value.words(bytes))
        } else if member.isNamed("worktree", bytes) {
            set(&worktree, member.value.string(bytes))
        }
    }
}

/// The beginning of a task or a run.
final class BeginningWords {
    var title: String?
    var command: String?
    var agent: String?
    var checkout = CheckoutWords()

    init(_ payload: Payload) {
        payload.forEachMember { member, bytes in
            if member.isNamed("title", bytes) {
                set(&title, member.value.words(bytes))
            } else if member.isNamed("command", bytes) {
                set(&command, member.value.words(bytes))
            } else if member.isNamed("agent", bytes) {
                set(&agent, member.value.words(bytes))
            } else {
                checkout.take(member, bytes)
            }
        }
    }
}

/// The end of a task or a run.
final class EndingWords {
    var begin: EventID?
    var summary: String?
    var error: String?
    var reason: String?
    var exitCode: Int?
    var signal: Int?
    var commit: String?
    var isInferred = false
    var checkout = CheckoutWords()

    var words: String? { summary ?? error ?? reason }
    var hasFailed: Bool { error != nil || exitCode.map { $0 != 0 && reason == nil } ?? false }

    init(_ payload: Payload) {
        payload.forEachMember { member, bytes in
            if member.isNamed("begin", bytes) {
                set(&begin, member.value.eventID(bytes))
            } else if member.isNamed("summary", bytes) {
                set(&summary, member.value.words(bytes))
            } else if member.isNamed("error", bytes) {
                set(&error, member.value.words(bytes))
            } else if member.isNamed("reason", bytes) {
                set(&reason, member.value.words(bytes))
            } else if member.isNamed("exit_code", bytes) {
                set(&exitCode, member.value.integer(bytes))
            } else if member.isNamed("signal", bytes) {
                set(&signal, member.value.integer(bytes))
            } else if member.isNamed("commit", bytes) {
                set(&commit, member.value.words(bytes))
            } else if member.isNamed("inferred", bytes) {
                isInferred = member.value.isTrue(bytes)
            } else {
                checkout.take(member, bytes)
            }
        }
    }
}

/// A move of main.
final class MainWords {
    var commit: String?
    var subject: String?
    var checkout = CheckoutWords()

    init(_ payload: Payload) {
        payload.forEachMember { member, bytes in
            if member.isNamed("commit", bytes) {
                set(&commit, member.value.words(bytes))
            } else if member.isNamed("subject", bytes) {
                set(&subject, member.value.words(bytes))
            } else {
                checkout.take(member, bytes)
            }
        }
    }
}

/// An order to rebase, what a rebase came to, or what a reset has left.
final class RebaseWords {
    /// How many of the files in conflict are kept.
    private static let mostFiles = 10

    var behind: Int?
    var cause: EventID?
    var onto: String?
    var isMerge = false
    var files: [String] = []
    var filesCount = 0
    /// Of the first file, a commit of main that changes it, and its subject.
    var commit: String?
    var subject: String?
    var checkout = CheckoutWords()

    init(_ payload: Payload) {
        payload.forEachMember { member, bytes in
            if member.isNamed("commits_behind", bytes) {
                set(&behind, member.value.count(bytes))
            } else if member.isNamed("cause", bytes) {
                set(&cause, member.value.eventID(bytes))
            } else if member.isNamed("onto", bytes) {
                set(&onto, member.value.words(bytes))
            } else if member.isNamed("how", bytes) {
                isMerge = member.value.string(bytes) == "merge"
            } else if member.isNamed("files", bytes) {
                member.value.forEachElement(bytes) { file in
                    filesCount += 1
                    if files.count < Self.mostFiles, let file = file.words(bytes) { files.append(file) }
                }
            } else if member.isNamed("touched", bytes) {
                takeCommit(member.value, bytes)
            } else {
                checkout.take(member, bytes)
            }
        }
    }

    private func takeCommit(_ touched: Payload.ValueRange, _ bytes: Span<UInt8>) {
        touched.forEachElement(bytes) { file in
            file.forEachMember(bytes) { member in
                guard member.isNamed("commits", bytes) else { return }
                member.value.forEachElement(bytes) { commit in
                    guard self.commit == nil else { return }
                    commit.forEachMember(bytes) { member in
                        if member.isNamed("commit", bytes) {
                            set(&self.commit, member.value.words(bytes))
                        } else if member.isNamed("subject", bytes) {
                            set(&subject, member.value.words(bytes))
                        }
                    }
                }
            }
        }
    }
}

/// What became of a lock.
final class LockWords {
    var name: String?
    var begin: EventID?
    var waitedFor: EventID?
    var holder: String?
    var waited = 0
    var isExclusive = true

    init(_ payload: Payload) {
        payload.forEachMember { member, bytes in
            if member.isNamed("resource", bytes) {
                set(&name, member.value.words(bytes))
            } else if member.isNamed("begin", bytes) {
                set(&begin, member.value.eventID(bytes))
            } else if member.isNamed("waited_for", bytes) {
                set(&waitedFor, member.value.eventID(bytes))
            } else if member.isNamed("holder", bytes) {
                set(&holder, member.value.words(bytes))
            } else if member.isNamed("waited_ms", bytes) {
                waited = member.value.count(bytes) ?? 0
            } else if member.isNamed("exclusive", bytes) {
                isExclusive = member.value.isTrue(bytes)
            }
        }
    }
}

/// Which notifications an event is about.
final class NotificationWords {
    var ids: [EventID] = []
    var behind: Int?

    init(_ payload: Payload) {
        payload.forEachMember { member, bytes in
            if member.isNamed("notifications", bytes) {
                member.value.forEachElement(bytes) { element in
                    if let id = element.eventID(bytes) { ids.append(id) }
                }
            } else if member.isNamed("notification", bytes) {
                if let id = member.value.eventID(bytes) { ids.append(id) }
            } else if member.isNamed("commits_behind", bytes) {
                set(&behind, member.value.count(bytes))
            }
        }
    }
}

/// The daemon's word about a session of its own, or the log's about a loss.
final class DaemonWords {
    var session: String?
    var previous: String?
    var begin: EventID?
    var lost = 0

    init(_ payload: Payload) {
        payload.forEachMember { member, bytes in
            if member.isNamed("session", bytes) {
                set(&session, member.value.words(bytes))
            } else if member.isNamed("previous", bytes) {
                set(&previous, member.value.words(bytes))
            } else if member.isNamed("begin", bytes) {
                set(&begin, member.value.eventID(bytes))
            } else if member.isNamed("lost", bytes) {
                lost = member.value.count(bytes) ?? 0
            }
        }
    }
}

/// An agent's word, or np's about an agent.
final class AgentWords {
    var agent: String?
    var session: String?
    var begin: EventID?
    var turn: String?
    /// The subagent.
    var subagent: String?
    var tool: String?
    var waitsFor: String?
    var since: String?
    var reason: String?
    var error: String?
    var until: String?
    var location: Payload?
    var background = 0
    var isInferred = false
    var isMachine = false
    var isContinued = false
    var isInterrupted = false
    var asks = false
    var receipt = ReceiptWords()

    var name: SessionName? { session.map { SessionName(agent: agent ?? "", id: $0) } }

    init(_ payload: Payload) {
        payload.forEachMember { member, bytes in
            let value = member.value
            if member.isNamed("agent", bytes) {
                set(&agent, value.words(bytes))
            } else if member.isNamed("session", bytes) {
                set(&session, value.words(bytes))
            } else if member.isNamed("turn", bytes) {
                set(&turn, value.words(bytes))
            } else if member.isNamed("begin", bytes) {
                set(&begin, value.eventID(bytes))
            } else if member.isNamed("inferred", bytes) {
                isInferred = value.isTrue(bytes)
            } else if member.isNamed("machine", bytes) {
                isMachine = value.isTrue(bytes)
            } else if member.isNamed("agent_id", bytes) {
                set(&subagent, value.words(bytes))
            } else if member.isNamed("reason", bytes) {
                set(&reason, value.words(bytes))
            } else if member.isNamed("where", bytes) {
                set(&location, value.payload(bytes))
            } else if member.isNamed("for", bytes) {
                set(&waitsFor, value.words(bytes))
            } else if member.isNamed("tool", bytes) {
                set(&tool, value.words(bytes))
            } else if member.isNamed("since", bytes) {
                set(&since, value.words(bytes))
            } else {
                takeEnd(member, bytes)
            }
        }
    }

    /// What only the end of a turn says.
    private func takeEnd(_ member: Payload.Member, _ bytes: Span<UInt8>) {
        let value = member.value
        if member.isNamed("continued", bytes) {
            isContinued = value.isTrue(bytes)
        } else if member.isNamed("asks", bytes) {
            asks = value.isTrue(bytes)
        } else if member.isNamed("background", bytes) {
            background = value.count(bytes) ?? 0
        } else if member.isNamed("interrupted", bytes) {
            isInterrupted = value.isTrue(bytes)
        } else if member.isNamed("error", bytes) {
            set(&error, value.words(bytes))
        } else if member.isNamed("until", bytes) {
            set(&until, value.words(bytes))
        } else {
            receipt.take(member, bytes)
        }
    }
}

/// What was done in a turn.
struct ReceiptWords {
    /// What was used and has failed, with the same input each time.
    struct Failure {
        var tool: String?
        var input: String?
        var count = 0
        var countSinceChange: Int?
    }

    /// A check.
    struct Check {
        var name: String?
        var count = 0
        var failed = 0
        var last: String?
        var failedSinceChange: Int?
    }

    var toolCount = 0
    var failedCount = 0
    var deniedCount = 0
    var failures: [Failure] = []
    var checks: [Check] = []
    var files: [String] = []
    var filesCount = 0

    var hasChanges: Bool { !files.isEmpty || filesCount > 0 }

    fileprivate mutating func take(_ member: Payload.Member, _ bytes: Span<UInt8>) {
        if member.isNamed("tools", bytes) {
            takeTools(member.value, bytes)
        } else if member.isNamed("failures", bytes) {
            member.value.forEachElement(bytes) { value in
                if failures.count < LoggedTask.mostNames { failures.append(Failure(value, bytes)) }
            }
        } else if member.isNamed("checks", bytes) {
            member.value.forEachElement(bytes) { value in
                if checks.count < LoggedTask.mostNames { checks.append(Check(value, bytes)) }
            }
        } else if member.isNamed("files", bytes) {
            member.value.forEachElement(bytes) { file in
                if let file = file.string(bytes), files.count < LoggedTask.mostFiles { files.append(file) }
            }
        } else if member.isNamed("files_count", bytes) {
            filesCount = member.value.count(bytes) ?? 0
        }
    }

    private mutating func takeTools(_ tools: Payload.ValueRange, _ bytes: Span<UInt8>) {
        tools.forEachMember(bytes) { member in
            if member.isNamed("n", bytes) {
                toolCount = member.value.count(bytes) ?? 0
            } else if member.isNamed("failed", bytes) {
                failedCount = member.value.count(bytes) ?? 0
            } else if member.isNamed("denied", bytes) {
                deniedCount = member.value.count(bytes) ?? 0
            }
        }
    }
}

extension ReceiptWords.Failure {
    fileprivate init(_ value: Payload.ValueRange, _ bytes: Span<UInt8>) {
        value.forEachMember(bytes) { member in
            if member.isNamed("tool", bytes) {
                set(&tool, member.value.words(bytes))
            } else if member.isNamed("input", bytes) {
                set(&input, member.value.words(bytes))
            } else if member.isNamed("n", bytes) {
                count = member.value.count(bytes) ?? 0
            } else if member.isNamed("since_change", bytes) {
                set(&countSinceChange, member.value.count(bytes))
            }
        }
    }
}

extension ReceiptWords.Check {
    fileprivate init(_ value: Payload.ValueRange, _ bytes: Span<UInt8>) {
        value.forEachMember(bytes) { member in
            if member.isNamed("check", bytes) {
                set(&name, member.value.words(bytes))
            } else if member.isNamed("n", bytes) {
                count = member.value.count(bytes) ?? 0
            } else if member.isNamed("failed", bytes) {
                failed = member.value.count(bytes) ?? 0
            } else if member.isNamed("last", bytes) {
                set(&last, member.value.words(bytes))
            } else if member.isNamed("since_change", bytes) {
                set(&failedSinceChange, member.value.count(bytes))
            }
        }
    }
}
