import ArgumentParser
import NeuraphageEvents

/// How long a person says that a command may wait: `30s`, `1h30m`, or `0` for not at all.
struct WaitingTime: ExpressibleByArgument {
    let duration: Duration

    init?(argument: String) {
        guard !argument.hasPrefix("-"), let duration = argument == "0" ? .zero : TimeExpression.age(argument) else {
            return nil
        }
        self.duration = duration
    }
}
