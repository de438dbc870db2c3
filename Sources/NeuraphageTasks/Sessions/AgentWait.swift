// Whether an agent waits for a person, and what ends the wait. Agents say when they begin to wait; that they go on they say
// only when the tool has ended that was allowed, and that a person has refused it not at all. So the end is concluded from
// what comes next. Pure.

package import NeuraphageEvents

/// A wait of an agent for a person.
package struct AgentWait: Equatable, Sendable {
    /// For what.
    package enum Reason: String, Sendable {
        case permission
        /// An answer to a question.
        case input
        /// The next prompt.
        case idle
    }

    /// How it ended.
    package enum Outcome: String, Sendable {
        case allowed
        case denied
        case aborted
        case answered
        /// It has ended, and how isn't known.
        case inferred
    }

    /// What a hook tells, as far as it is about waits.
    package enum Sign: Equatable, Sendable {
        /// A tool was used, for so many ms.
        case used(Tool, duration: Int?)
        /// A tool was not used, because it was refused.
        case refused(Tool)
        /// Permission is asked for, for a tool.
        case asked(Tool)
        /// A dialog was answered, or closed without an answer.
        case closed(isAnswer: Bool)
        /// A prompt.
        case prompted(isMachine: Bool, isNewTurn: Bool)
        /// The agent, or one of its subagents, has stopped.
        case stopped(thread: String?)
        /// A person has stopped the agent.
        case interrupted
        case sessionEnded
    }

    /// A use of a tool, before or after it.
    package struct Tool: Equatable, Sendable {
        package let name: String?
        /// A hash of its input.
        package let input: String?
        /// The subagent that uses it; `nil` for the agent itself.
        package let thread: String?

        package init(name: String?, input: String?, thread: String?) {
            self.name = name
            self.input = input
            self.thread = thread
        }

        fileprivate func isSame(as other: Tool) -> Bool {
            thread == other.thread && (name == nil || other.name == nil || name == other.name)
                && (input == nil || other.input == nil || input == other.input)
        }
    }

    /// The end of a wait.
    package struct End: Equatable, Sendable {
        package let how: Outcome
        /// How long it took.
        package let waited: Duration
        /// Whether it may have ended earlier, or otherwise.
        package let isInferred: Bool
    }

    /// Tools of one answer may run side by side; one that began so much later than a wait comes after it.
    static let sideBySide = Duration.seconds(1)

    package let reason: Reason
    /// What the agent wants to use, if it waits for permission.
    package let tool: Tool
    /// Since when.
    package let since: Timestamp

    package init(_ reason: Reason, tool: Tool = Tool(name: nil, input: nil, thread: nil), since: Timestamp) {
        self.reason = reason
        self.tool = tool
        self.since = since
    }

    /// The end that follows from a sign; `nil` if the wait goes on.
    package func end(by sign: Sign, at now: Timestamp) -> End? {
        switch sign {
        case .sessionEnded: return end(.aborted, now)
        case .interrupted: return reason == .idle ? nil : end(.aborted, now)
        case .prompted(let isMachine, let isNewTurn):
            if reason == .idle { return isMachine ? end(.inferred, now, isInferred: true) : end(.answered, now) }
            // A dialog is closed before anything else can be typed: the person has refused. In the middle of a turn it was
            // not refused.
            return isNewTurn && !isMachine ? end(.denied, now, isInferred: true) : nil
        case .closed(let isAnswer):
            return reason == .input ? end(isAnswer ? .answered : .aborted, now) : nil
        case .stopped(let thread):
            guard thread == tool.thread else { return nil }
            return reason == .idle ? end(.inferred, now, isInferred: true) : end(.denied, now, isInferred: true)
        case .refused(let other):
            guard reason != .idle, tool.isSame(as: other) else { return nil }
            return end(.denied, now)
        case .used(let other, let duration): return end(byUseOf: other, duration, now)
        case .asked(let other):
            if reason == .idle { return other.thread == nil ? end(.inferred, now, isInferred: true) : nil }
            guard other.thread == tool.thread, now - since > Self.sideBySide else { return nil }
            return end(.denied, now, isInferred: true)
        }
    }

    private func end(byUseOf other: Tool, _ duration: Int?, _ now: Timestamp) -> End? {
        guard other.thread == tool.thread else { return nil }
        let start = now - .milliseconds(duration ?? 0)
        if reason == .idle {
            return start > since ? End(how: .inferred, waited: start - since, isInferred: true) : nil
        }
        // The answers of a question become a part of its input.
        let isNamed = tool.name != nil && tool.name == other.name
        if tool.isSame(as: other) || isNamed && reason == .input {
            return End(
                how: reason == .permission ? .allowed : .answered,
                waited: max(.zero, start - since),
                // Without a duration, how long the tool took counts as waiting.
                isInferred: duration == nil && reason == .permission
            )
        }
        // One that ran side by side says nothing; one that began later, that the agent has gone on: with what the person has
        // changed, or without this one.
        guard duration != nil, start - since > Self.sideBySide else { return nil }
        return End(how: isNamed ? .allowed : .denied, waited: start - since, isInferred: true)
    }

    private func end(_ how: Outcome, _ now: Timestamp, isInferred: Bool = false) -> End {
        End(how: how, waited: max(.zero, now - since), isInferred: isInferred)
    }
}
