import NeuraphageEvents

extension Durability {
    private static let units: [(suffix: String, milliseconds: Int)] = [
        ("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000),
    ]

    /// `os`, `always`, or an interval such as `100ms`, `5s` or `1m`, from 1 ms to one hour.
    init?(_ text: String) {
        switch text {
        case "os": self = .os
        case "always": self = .always
        default:
            guard let unit = Self.units.first(where: { text.hasSuffix($0.suffix) }),
                let number = Int(text.dropLast(unit.suffix.count)), number > 0, number <= 3_600_000
            else { return nil }
            let milliseconds = number * unit.milliseconds
            guard milliseconds <= 3_600_000 else { return nil }
            self = .interval(.milliseconds(milliseconds))
        }
    }
}
