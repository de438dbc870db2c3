// When a limit ends, as agents say it in a sentence to their users: "You've hit your limit · resets 3:45pm (Europe/Berlin)",
// "… resets Dec 1, 3pm", "Claude AI usage limit reached|1764603900". Only the time is taken.

import NeuraphageEvents
import NeuraphagePresentation

/// The end of a limit as an agent has said it.
struct RateLimitEnd: Equatable {
    private enum Said: Equatable {
        case moment(Timestamp)
        /// What the user's clock shows then; without a date the next time that it does.
        case clock(month: Int?, day: Int?, hour: Int, minute: Int)
    }

    private let said: Said
    /// The zone that is named behind the time, such as `Europe/Berlin`.
    private let zone: String?

    /// Finds it in a sentence; `nil` if it isn't there.
    init?(_ sentence: String) {
        guard let said = Self.epoch(in: sentence) ?? Self.clock(in: sentence) else { return nil }
        self.said = said
        let named = sentence.split(separator: "(").last?.split(separator: ")").first
        zone = named.flatMap { $0.contains("/") ? String($0) : nil }
    }

    /// The moment; `nil` if a zone is named that is known to be another one.
    func moment(after now: Timestamp, in zone: LocalZone) -> Timestamp? {
        switch said {
        case .moment(let moment): return moment
        case .clock where self.zone != nil && zone.name != nil && self.zone != zone.name: return nil
        case .clock(let month, let day, let hour, let minute):
            var time = zone.time(at: now)
            (time.hour, time.minute, time.second, time.microsecond) = (hour, minute, 0, 0)
            if let month, let day {
                if month < time.month { time.year += 1 }
                (time.month, time.day) = (month, day)
            }
            let moment = zone.moments(at: time).upperBound
            guard month == nil, moment <= now else { return moment }
            // The same time of tomorrow, also where that day is an hour longer or shorter.
            let noon = CivilTime(year: time.year, month: time.month, day: time.day, hour: 12)
            var next = CivilTime(Timestamp(microsecondsSinceEpoch: noon.microsecondsSinceEpoch) + .seconds(86_400))
            (next.hour, next.minute) = (hour, minute)
            return zone.moments(at: next).upperBound
        }
    }

    private static func epoch(in sentence: String) -> Said? {
        guard let digits = sentence.split(separator: "|").dropFirst().first?.prefix(while: \.isNumber),
            digits.utf8.count == 10, let seconds = Int64(digits)
        else { return nil }
        return .moment(Timestamp(microsecondsSinceEpoch: seconds * 1_000_000))
    }

    private static func clock(in sentence: String) -> Said? {
        let words = sentence.lowercased().split { !$0.isLetter && !$0.isNumber && $0 != ":" }
        guard let start = words.firstIndex(where: { ["resets", "reset"].contains($0) }) else { return nil }
        var (month, day): (Int?, Int?)
        for word in words[(start + 1)...].prefix(5) {
            if let index = months.firstIndex(where: { word.hasPrefix($0) }) {
                month = index + 1
            } else if let (hour, minute) = timeOfDay(word) {
                guard (month == nil) == (day == nil) else { return nil }
                return .clock(month: month, day: day, hour: hour, minute: minute)
            } else if month != nil, day == nil, let number = Int(word), 1...31 ~= number {
                day = number
            } else if !["at", "on", "in"].contains(word) {
                return nil
            }
        }
        return nil
    }

    private static let months = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]

    /// `3pm`, `3:45pm`, `15:45`.
    private static func timeOfDay(_ word: Substring) -> (hour: Int, minute: Int)? {
        let isAfternoon = word.hasSuffix("pm")
        let isHalf = isAfternoon || word.hasSuffix("am")
        let numbers = (isHalf ? word.dropLast(2) : word).split(separator: ":", omittingEmptySubsequences: false)
        let values = numbers.compactMap { $0.utf8.count <= 2 ? Int($0) : nil }
        guard values.count == numbers.count, isHalf ? 1...2 ~= values.count : values.count == 2,
            case let (hour, minute) = (values[0], values.count > 1 ? values[1] : 0), 0..<60 ~= minute,
            isHalf ? 1...12 ~= hour : 0..<24 ~= hour
        else { return nil }
        return (isHalf ? hour % 12 + (isAfternoon ? 12 : 0) : hour, minute)
    }
}
