// Dates and times of day, as people type them and as git, date, and journalctl print them.

import NeuraphageEvents

extension TimeExpression {
    /// A time of a day that is named from today: `today`, `yesterday`, `15:30`, `yesterday 15:30:20`.
    static func timeOfDay(_ text: String, today: CivilTime) -> CivilTime? {
        var words = text.split(separator: " ").map(String.init)
        let isNamed = words.first == "today" || words.first == "yesterday"
        var day = CivilTime(year: today.year, month: today.month, day: today.day)
        if words.first == "yesterday" {
            day = CivilTime(Timestamp(microsecondsSinceEpoch: day.microsecondsSinceEpoch) - .seconds(86_400))
        }
        if isNamed { words.removeFirst() }
        guard words.count == 1 else { return isNamed && words.isEmpty ? day : nil }
        let clock = (words[0].split(separator: ":").first?.utf8.count == 1 ? "0" : "") + words[0]
        guard let moment = Timestamp("2000-01-01T\(clock)Z") ?? Timestamp("2000-01-01T\(clock):00Z") else { return nil }
        let time = CivilTime(moment)
        (day.hour, day.minute, day.second, day.microsecond) = (time.hour, time.minute, time.second, time.microsecond)
        return day
    }

    /// A date and a time, and how many minutes it is ahead of UTC, if it says so: `2026-01-11`, `2026-01-11T15:30`,
    /// `2026-01-11 15:30:00 +0100`, `Sun Jan 11 15:30:00 2026 +0100`.
    static func dateAndTime(_ text: String) -> (time: CivilTime, offset: Int?)? {
        var offset: Int?
        var words: [Substring] = []
        for word in text.split(whereSeparator: { $0 == " " || $0 == "," }) {
            // In a time, the offset follows the minutes.
            let minutes = word.firstIndex(of: ":") ?? word.startIndex
            let end = word[minutes...].firstIndex { "+-Zz".contains($0) } ?? word.endIndex
            let isOffset = end == word.startIndex || minutes > word.startIndex || isUTC(word)
            if isOffset, let found = Self.offset(isUTC(word) ? word : word[end...]) {
                guard offset == nil else { return nil }
                offset = found
                if end > word.startIndex, !isUTC(word) { words.append(word[..<end]) }
            } else {
                words.append(word)
            }
        }
        guard let time = date(words.joined(separator: " ")) ?? dateInWords(words) else { return nil }
        return (time, offset)
    }

    private static func isUTC(_ word: Substring) -> Bool { ["utc", "gmt"].contains(word.lowercased()) }

    /// `Z`, `+01`, `+0100`, or `+01:00`, in minutes east of UTC.
    private static func offset(_ text: Substring) -> Int? {
        if isUTC(text) || text == "Z" || text == "z" { return 0 }
        let digits = text.dropFirst().filter { $0 != ":" }
        guard let sign = text.first, "+-".contains(sign), digits.utf8.count == 2 || digits.utf8.count == 4,
            digits.allSatisfy({ ("0"..."9").contains($0) }), let hours = Int(digits.prefix(2)),
            let minutes = Int("0" + digits.dropFirst(2)), hours < 24, minutes < 60
        else { return nil }
        return (sign == "-" ? -1 : 1) * (hours * 60 + minutes)
    }

    /// `2026-01-11`, `2026-01-11 15:30`, `2026-01-11T15:30:00.5`, without an offset.
    private static func date(_ text: String) -> CivilTime? {
        for suffix in ["T00:00:00Z", ":00Z", "Z"] {
            if let moment = Timestamp(text + suffix) { return CivilTime(moment) }
        }
        return nil
    }

    /// A month by its name, a day, a time and a year, in any order: `Sun Jan 11 15:30:00 2026`, `Sun 11 Jan 2026 15:30:00`.
    private static func dateInWords(_ words: [Substring]) -> CivilTime? {
        let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
        let weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
        var (day, month, year, time): (String?, String?, String?, String?)
        for word in words.map({ $0.lowercased() }) where !weekdays.contains(word) {
            if let index = months.firstIndex(of: word) {
                guard month == nil else { return nil }
                month = index < 9 ? "0\(index + 1)" : "\(index + 1)"
            } else if word.contains(":"), time == nil {
                time = word
            } else if word.utf8.count <= 2, day == nil {
                day = word.utf8.count == 1 ? "0" + word : word
            } else if year == nil {
                year = word
            } else {
                return nil
            }
        }
        guard let day, let month, let year, let time else { return nil }
        return date("\(year)-\(month)-\(day) \(time)")
    }
}
