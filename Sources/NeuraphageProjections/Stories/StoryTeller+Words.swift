// What stands in an event, as a story reads it, and numbers as people say them.

import NeuraphageEvents

extension Event {
    var begin: EventID? { payload.string("begin").map { EventID($0) } }
    var cause: EventID? { payload.string("cause").map { EventID($0) } }

    /// A number that is not negative.
    func count(_ key: String) -> Int? { payload[key].flatMap { Int($0.text) }.flatMap { $0 >= 0 ? $0 : nil } }

    func milliseconds(_ key: String) -> Duration? { count(key).map { .milliseconds($0) } }

    /// When the limit ends that ended a turn; what is said of it if no time is given.
    var limit: (until: Timestamp?, words: String) {
        guard let text = payload.string("until") else { return (nil, "") }
        let until = Timestamp(text)
        return (until, until == nil ? ", until \(text.firstLine)" : "")
    }

    func isTrue(_ key: String) -> Bool { payload[key]?.text == "true" }
}

extension String {
    /// How much of a text from the log is told, in characters.
    private static let longest = 300

    /// The first line, and of that no more than a person reads.
    var firstLine: String { String(prefix { !$0.isNewline }.prefix(Self.longest)) }

    /// Of an object name the first seven digits.
    var abbreviatedCommit: String {
        [40, 64].contains(utf8.count) && allSatisfy(\.isHexDigit) ? String(prefix(7)) : String(prefix(40))
    }
}

extension Int {
    /// `once`, `twice`, `3 times`.
    var times: String { self == 1 ? "once" : self == 2 ? "twice" : "\(self) times" }

    /// `1 commit`, `3 commits`.
    func of(_ noun: String) -> String { self == 1 ? "1 \(noun)" : "\(self) \(noun)s" }
}
