// The words of TOML: keys, strings, numbers, and what is between them.

import NeuraphageEvents

/// A place in a text, which moves on with what is read.
struct TOMLScanner {
    private let text: [Unicode.Scalar]
    private var index = 0

    init(_ text: String) {
        self.text = Array(text.unicodeScalars)
        if self.text.first == "\u{feff}" { index = 1 }
    }

    private var next: Unicode.Scalar? { index < text.count ? text[index] : nil }

    func isAt(_ word: String) -> Bool { text[index...].starts(with: word.unicodeScalars) }

    mutating func take(_ word: String) -> Bool {
        guard isAt(word) else { return false }
        index += word.unicodeScalars.count
        return true
    }

    /// That the text is not TOML here.
    func error(_ reason: String) -> TOMLError {
        let before = text[..<index]
        let lineStart = before.lastIndex(of: "\n").map { $0 + 1 } ?? 0
        return TOMLError(line: before.count { $0 == "\n" } + 1, column: index - lineStart + 1, reason: reason)
    }

    // MARK: - Between the words

    mutating func skipSpaces() {
        while let scalar = next, scalar == " " || scalar == "\t" { index += 1 }
    }

    /// Skips spaces, comments, and line breaks.
    mutating func skipBlank() throws(TOMLError) {
        while true {
            skipSpaces()
            try skipComment()
            guard take("\r\n") || take("\n") else { return }
        }
    }

    /// Whether there is something after all that is blank.
    mutating func skipToNextLineWithText() throws(TOMLError) -> Bool {
        try skipBlank()
        return next != nil
    }

    /// Goes to the end of a line on which nothing else may be.
    mutating func endLine() throws(TOMLError) {
        skipSpaces()
        try skipComment()
        guard next == nil || take("\r\n") || take("\n") else { throw error("only a comment may follow on this line") }
    }

    private mutating func skipComment() throws(TOMLError) {
        guard next == "#" else { return }
        while let scalar = next, scalar != "\n", !isAt("\r\n") {
            guard Self.isText(scalar) else { throw error("a comment cannot hold this character") }
            index += 1
        }
    }

    /// Whether a comment or a string may hold a character as it is.
    private static func isText(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "\t" || scalar.value >= 0x20 && scalar.value != 0x7f
    }

    // MARK: - Keys and strings

    /// A key without dots.
    mutating func readSimpleKey() throws(TOMLError) -> String {
        if next == "\"" || next == "'", let key = try readString(onOneLine: true) { return key }
        let start = index
        while let scalar = next, scalar.isASCII,
            Character(scalar).isLetter || Character(scalar).isNumber || scalar == "-" || scalar == "_"
        {
            index += 1
        }
        guard index > start else { throw error("a name stands here: letters, digits, - and _, or in quotes") }
        return String(String.UnicodeScalarView(text[start..<index]))
    }

    /// A string in quotes; `nil` if there is none here.
    mutating func readString(onOneLine isOneLine: Bool = false) throws(TOMLError) -> String? {
        guard let quote = next, quote == "\"" || quote == "'" else { return nil }
        let triple = String(repeating: String(quote), count: 3)
        let isLong = !isOneLine && take(triple)
        if isLong { if !take("\r\n") { _ = take("\n") } } else { index += 1 }
        var string = String.UnicodeScalarView()
        while let scalar = next {
            if isLong ? isAt(triple) : scalar == quote {
                index += isLong ? 3 : 1
                // Up to two quotes may come before the three that end it.
                for _ in 0..<2 where isLong && next == quote { string.append(quote); index += 1 }
                return String(string)
            }
            if isLong, take("\r\n") || take("\n") {
                string.append("\n")
            } else if quote == "\"", scalar == "\\" {
                index += 1
                if let escaped = try readEscape(isLong) { string.append(escaped) }
            } else {
                guard Self.isText(scalar) else { throw error("a string cannot hold this character as it is") }
                string.append(scalar)
                index += 1
            }
        }
        throw error("the string does not end")
    }

    /// What follows a backslash; `nil` for a line break that is left out.
    private mutating func readEscape(_ isLong: Bool) throws(TOMLError) -> Unicode.Scalar? {
        guard let letter = next else { throw error("the string does not end") }
        let plain: [Unicode.Scalar: Unicode.Scalar] = [
            "b": "\u{8}", "t": "\t", "n": "\n", "f": "\u{c}", "r": "\r", "\"": "\"", "\\": "\\",
        ]
        if let scalar = plain[letter] {
            index += 1
            return scalar
        }
        if letter == "u" || letter == "U" {
            let digits = text[(index + 1)...].prefix(letter == "u" ? 4 : 8)
            let isHexadecimal =
                digits.count == (letter == "u" ? 4 : 8) && digits.allSatisfy { Character($0).isHexDigit }
            guard isHexadecimal, let value = UInt32(String(String.UnicodeScalarView(digits)), radix: 16),
                let scalar = Unicode.Scalar(value)
            else { throw error("\\\(letter) is followed by the \(letter == "u" ? 4 : 8) digits of a character") }
            index += 1 + digits.count
            return scalar
        }
        var ahead = self
        ahead.skipSpaces()
        guard isLong, ahead.isAt("\n") || ahead.isAt("\r\n") else { throw error("there is no escape like this") }
        while ahead.take("\r\n") || ahead.take("\n") || ahead.isAt(" ") || ahead.isAt("\t") { ahead.skipSpaces() }
        self = ahead
        return nil
    }

    // MARK: - Numbers

    /// `true`, `false`, a number, or a date.
    mutating func readWord() throws(TOMLError) -> TOMLValue {
        let start = index
        while let scalar = next, scalar.isASCII,
            Character(scalar).isLetter || Character(scalar).isNumber || "+-_.:".unicodeScalars.contains(scalar)
        {
            index += 1
        }
        let word = String(String.UnicodeScalarView(text[start..<index]))
        switch word {
        case "true": return .flag(true)
        case "false": return .flag(false)
        default: break
        }
        if let number = Self.integer(word) { return .number(number) }
        let float = /[+-]?((0|[1-9](_?\d)*)(\.\d(_?\d)*)?([eE][+-]?\d(_?\d)*)?|inf|nan)/
        let time = /\d{4}-\d\d-\d\d(T.*)?|\d\d:\d\d.*/
        if word.wholeMatch(of: float) != nil || word.wholeMatch(of: time) != nil {
            // A space may be between a date and a time.
            if isAt(" "), text[index...].dropFirst(3).first == ":" {
                index += 1
                _ = try readWord()
            }
            return .other
        }
        index = start
        throw error(word.isEmpty ? "a value stands here" : "'\(word)' is not a value; text stands in quotes")
    }

    private static func integer(_ word: String) -> Int? {
        let digits = word.filter { $0 != "_" }
        for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where word.hasPrefix(prefix) {
            let isWhole = word.dropFirst(2).wholeMatch(of: /[0-9A-Fa-f](_?[0-9A-Fa-f])*/) != nil
            return isWhole ? Int(digits.dropFirst(2), radix: radix) : nil
        }
        return word.wholeMatch(of: /[+-]?(0|[1-9](_?[0-9])*)/) == nil ? nil : Int(digits)
    }
}
