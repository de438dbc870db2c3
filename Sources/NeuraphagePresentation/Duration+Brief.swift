extension Duration {
    /// The whole milliseconds, as payloads have durations.
    package var milliseconds: Int64 {
        components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
    }

    /// As people say it: `840 ms`, `3.2 s`, `4 min 10 s`, `2 h 5 min`.
    package var brief: String {
        let milliseconds = Int(self / .milliseconds(1))
        let seconds = milliseconds / 1_000
        return switch seconds {
        case 0: "\(milliseconds) ms"
        case ..<60: "\(seconds).\(milliseconds / 100 % 10) s"
        case ..<3_600: "\(seconds / 60) min \(seconds % 60) s"
        default: "\(seconds / 3_600) h \(seconds / 60 % 60) min"
        }
    }
}
