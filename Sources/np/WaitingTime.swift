import NeuraphageEvents

/// How long a person says that a command may wait: `500ms`, `30s`, `1h30m`, or `0` for not at all.
struct WaitingTime {
    /// Why a text is no such time, and what to type instead.
    struct Mistake: Error, CustomStringConvertible {
        let description = "use whole numbers with their units, such as 500ms, 30s, 5m or 1h30m; 0: not at all"
    }

    let duration: Duration

    init(_ text: String) throws(Mistake) {
        guard let duration = text == "0" ? .zero : TimeExpression.duration(text) else { throw Mistake() }
        self.duration = duration
    }
}
