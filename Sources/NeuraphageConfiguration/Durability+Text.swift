import NeuraphageEvents
import NeuraphagePresentation

extension Durability {
    /// `os`, `always`, or an interval such as `100ms`, `5s` or `1m`, from 1 ms to one hour.
    init?(_ text: String) {
        switch text {
        case "os": self = .os
        case "always": self = .always
        default:
            guard let interval = TimeExpression.duration(text), .milliseconds(1)...(.seconds(3_600)) ~= interval else {
                return nil
            }
            self = .interval(interval)
        }
    }
}
