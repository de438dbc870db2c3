import NeuraphageEvents
import NeuraphagePresentation

/// How long a person says that a command may wait: `500ms`, `30s`, `1h30m`, or `0` for not at all.
struct WaitingTime {
    let duration: Duration

    init(_ text: String) throws(OperationError) {
        guard let duration = text == "0" ? .zero : TimeExpression.duration(text) else {
            throw OperationError(
                .usage,
                "use whole numbers with their units, such as 500ms, 30s, 5m or 1h30m; 0: not at all"
            )
        }
        self.duration = duration
    }
}
