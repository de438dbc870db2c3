import TestSupport
import Testing

@testable import NeuraphageEvents

@Suite("An event's kind", .apart)
struct EventKindTests {
    private static let durable: [EventKind] = [
        .taskStarted, .taskCompleted, .taskFailed, .taskCancelled, .mainUpdated, .rebaseRequired, .rebaseCompleted,
        .rebaseConflict, .nudgeSent, .syncRelayed, .taskPaused, .supervisionDegraded, .supervisionRecovered,
        .learningExtracted, .lockAcquired, .lockReleased, .sessionStarted, .sessionEnded,
        .custom("LogGap"), .custom("LogResumed"), .custom("NotificationRead"), .custom("Agent"),
        .custom("RunStarted"), .custom("RunEnded"), .custom("AgentSessionStarted"), .unknown("TaskTeleported"),
        .unknown(""), .unknown("taskstarted"),
    ]
    private static let ephemeral: [EventKind] = [
        .taskWaitingForUser, .fileModified, .rateLimitReached, .custom("deploy"), .custom("TaskStarted"),
        .custom("LogGaps"), .custom("loggap"), .custom("MyLogGap"), .custom("NotificationReadAgain"),
        .custom("RunStartedAgain"),
        .custom("agentSessionStarted"), .custom("MyAgent"),
    ]
    private static let wireNames: [(EventKind, String)] = [
        (.taskStarted, "task_started"), (.taskCompleted, "task_completed"), (.taskFailed, "task_failed"),
        (.taskCancelled, "task_cancelled"), (.taskWaitingForUser, "task_waiting_for_user"),
        (.fileModified, "file_modified"), (.mainUpdated, "main_updated"), (.rebaseRequired, "rebase_required"),
        (.rebaseCompleted, "rebase_completed"), (.rebaseConflict, "rebase_conflict"), (.nudgeSent, "nudge_sent"),
        (.syncRelayed, "sync_relayed"), (.taskPaused, "task_paused"), (.learningExtracted, "learning_extracted"),
        (.lockAcquired, "lock_acquired"), (.lockReleased, "lock_released"),
        (.supervisionDegraded, "supervision_degraded"), (.supervisionRecovered, "supervision_recovered"),
        (.rateLimitReached, "rate_limit_reached"), (.sessionStarted, "session_started"),
        (.sessionEnded, "session_ended"),
    ]

    private func encoded(_ kind: EventKind) -> String {
        var text: [UInt8] = []
        kind.encode(into: &text)
        return String(decoding: text, as: UTF8.self)
    }

    @Test(
        "coordination is durable, and so are the reserved custom names and what a newer version wrote",
        arguments: durable
    )
    func isDurable(kind: EventKind) {
        #expect(kind.isDurable)
    }

    @Test("that only the log and np write are the reserved custom ones, and those of agents")
    func reserved() {
        for kind in EventKind.reserved + [.custom("AgentSessionStarted"), .custom("Agent")] {
            #expect(kind.isReserved, "\(kind)")
        }
        for kind in EventKind.named + [.custom("mine"), .custom("logGap"), .unknown("LogGap"), .unknown("AgentX")] {
            #expect(!kind.isReserved, "\(kind)")
        }
    }

    @Test("what is transient, high in volume or a program's own is not durable", arguments: ephemeral)
    func isEphemeral(kind: EventKind) {
        #expect(!kind.isDurable)
    }

    @Test("every named kind is classified, once, and all 21 are named")
    func everyKindIsClassified() {
        #expect(EventKind.named.count == 21)
        #expect(Set(EventKind.named).count == 21)
        for kind in EventKind.named {
            #expect(Self.durable.contains(kind) != Self.ephemeral.contains(kind), "\(kind)")
        }
    }

    @Test("stands in a line by its name, and is read from it and from its snake_case spelling", arguments: wireNames)
    func wireName(kind: EventKind, snakeCase: String) {
        #expect(encoded(kind) == "\"\(kind.name)\"")
        #expect(EventKind(wireName: kind.name) == kind)
        #expect(EventKind(wireName: snakeCase) == kind)
    }

    @Test("has the spelling of the specification")
    func spelling() {
        #expect(Self.wireNames.map(\.0) == EventKind.named)
        let fromSnakeCase = Self.wireNames.map { $0.1.split(separator: "_").map(\.capitalized).joined() }
        #expect(EventKind.named.map(\.name) == fromSnakeCase)
    }

    @Test(
        "that this version doesn't know is kept as it is and written back",
        arguments: ["TaskTeleported", "task_teleported", "TASKSTARTED", "Task_Started", "", "Ünknown \u{1}"]
    )
    func unknown(name: String) throws {
        let kind = EventKind(wireName: name)
        #expect(kind == .unknown(name))
        #expect(kind.name == name)
        let line = #"{"id":"a","kind":\#(encoded(kind)),"timestamp":"2026-01-11T15:30:00Z"}"#
        #expect(try Event(line: line).kind == kind)
    }

    @Test("of one's own is written as an object and is never mistaken for a named one")
    func custom() throws {
        #expect(encoded(.custom("TaskStarted")) == #"{"Custom":"TaskStarted"}"#)
        #expect(encoded(.custom(#"a"b\c"#)) == #"{"Custom":"a\"b\\c"}"#)
        #expect(EventKind.custom("TaskStarted") != .taskStarted)
        #expect(EventKind.custom("deploy") != .unknown("deploy"))
        #expect(EventKind.custom("deploy").description == "custom:deploy")
    }
}

extension Substring {
    fileprivate var capitalized: String { prefix(1).uppercased() + dropFirst() }
}
