// What a rule comes to: a phase, since when, what says so, and one line more.

import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageProjections

struct Verdict: Hashable {
    var phase: TaskStatus.Phase
    var since: Timestamp?
    var evidence: TaskStatus.Evidence
    var detail: String
    var until: Timestamp?

    init(
        _ phase: TaskStatus.Phase,
        since: Timestamp?,
        _ evidence: TaskStatus.Evidence,
        _ detail: String
    ) {
        (self.phase, self.since, self.evidence, self.detail) = (phase, since, evidence, detail)
    }
}

extension TaskStatus.Evidence {
    /// An event that the log has.
    static func log(_ words: String, _ mark: EventMark?) -> Self {
        Self(source: .log, words: words, event: mark?.id, time: mark?.time)
    }

    /// What the log says without an event of its own.
    static func log(_ words: String, at time: Timestamp?) -> Self {
        Self(source: .log, words: words, event: nil, time: time)
    }

    static func ledger(_ words: String, at time: Timestamp?) -> Self {
        Self(source: .ledger, words: words, event: nil, time: time)
    }

    static func process(_ words: String, at time: Timestamp?) -> Self {
        Self(source: .process, words: words, event: nil, time: time)
    }

    static func git(_ words: String, at time: Timestamp?) -> Self {
        Self(source: .git, words: words, event: nil, time: time)
    }
}

extension Duration {
    /// A duration of which only the size counts: `13 s`, `9 min`, `2 h 5 min`, `3 d`. None is less than none, whatever the
    /// clocks say.
    var about: String {
        let seconds = max(0, milliseconds / 1_000)
        return switch seconds {
        case ..<60: "\(seconds) s"
        case ..<3_600: "\(seconds / 60) min"
        case ..<172_800: "\(seconds / 3_600) h" + (seconds / 60 % 60 == 0 ? "" : " \(seconds / 60 % 60) min")
        default: "\(seconds / 86_400) d"
        }
    }
}
