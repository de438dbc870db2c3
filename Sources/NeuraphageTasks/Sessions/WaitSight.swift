// What is seen of a wait while it goes on: the process of a command that was allowed, and what the agent writes into its
// transcript when a person has refused. Neither is told by a hook. Pure; of the transcript only marks and times are looked at.

import NeuraphageEvents
import NeuraphageSystem

enum WaitSight {
    /// Hooks of one event are started at once, in ms.
    static let hooksAtOnce: Int64 = 500
    /// A command lives longer than what an agent runs for itself, in ms.
    static let leastAge: Int64 = 1_000

    /// When the process of the command began that was waited for; `nil` if it is not seen.
    ///
    /// - Parameters:
    ///   - children: What the agent has started and runs.
    ///   - hooks: When hooks were started during the wait, the first of them with its beginning: other people's hooks of
    ///     the same events are no commands.
    ///   - now: The time.
    static func command(among children: [ProcessChild], hooks: [Int64], now: Int64) -> Int64? {
        guard let begin = hooks.first else { return nil }
        return children.map(\.start).filter { start in
            start > begin && now - start >= leastAge && !hooks.contains { abs($0 - start) <= hooksAtOnce }
        }.min()
    }

    /// When the agent has written down that a person refused a tool; `nil` if it hasn't.
    ///
    /// - Parameters:
    ///   - transcript: What it has written since the wait began or before, with perhaps a part of a line at its ends.
    ///   - begin: When the wait began.
    static func refusal(in transcript: String, since begin: Timestamp) -> Timestamp? {
        for line in transcript.split(separator: "\n") where line.contains("reject") {
            guard let line = try? Payload(json: String(line)), line.string("type") == "user",
                line.string("toolDenialKind")?.hasPrefix("user") ?? (line.string("toolUseResult") == oldMark),
                let time = line.string("timestamp").flatMap({ Timestamp($0) }), time >= begin
            else { continue }
            return time
        }
        return nil
    }

    private static let oldMark = "User rejected tool use"
}
