import NeuraphageEvents

extension Duration {
    /// As people say it: `840 ms`, `3.2 s`, `4 min 10 s`, `2 h 5 min`; with a minus sign if it is negative.
    package var brief: String {
        let milliseconds = milliseconds.magnitude
        let seconds = milliseconds / 1_000
        let text =
            switch seconds {
            case 0: "\(milliseconds) ms"
            case ..<60: "\(seconds).\(milliseconds / 100 % 10) s"
            case ..<3_600: "\(seconds / 60) min \(seconds % 60) s"
            default: "\(seconds / 3_600) h \(seconds / 60 % 60) min"
            }
        return self < .zero && milliseconds > 0 ? "-" + text : text
    }
    /// The same in one unit and six cells at most, for a column: `33 s`, `12 min`, `5 h`, `3 d`. Under two hours in minutes,
    /// and under two days in hours. What lies ahead, by a clock that steps back, is `0 s`.
    package var rough: String {
        let seconds = max(0, milliseconds / 1_000)
        return switch seconds {
        case ..<60: "\(seconds) s"
        case ..<7_200: "\(seconds / 60) min"
        case ..<172_800: "\(seconds / 3_600) h"
        default: "\(seconds / 86_400) d"
        }
    }
}
