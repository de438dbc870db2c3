// Finds credentials in a text in one pass, without a regular expression.
//
// Almost every text holds none, so the pass is made for that: of each prefix, the last three bytes are looked for, all
// prefixes at once, one bit each, and only where three bytes in a row belong to one prefix is anything compared. What
// is scanned behind a prefix is either bounded or not scanned again, so the time is linear whatever the text.

/// The search for credentials.
enum CredentialScan {
    /// A credential in a text.
    struct Match {
        /// The bytes to replace.
        var range: Range<Int>
        var rule: StaticString
    }

    /// Whether JSON text must be looked at string by string: a credential's prefix is in it, a member that is named as a
    /// secret, or an escape sequence that may hide one. (The other escape sequences mean characters that no prefix and no
    /// such name has.)
    static func isNeeded(for json: Span<UInt8>) -> Bool {
        var isNeeded = false
        forEachCandidate(in: json) { index, candidates in
            isNeeded =
                candidates & escapes != 0 || pattern(of: candidates, json, endingAt: index) != nil
                || candidates & secretNames != 0 && SecretName.isAround(index, json)
            return isNeeded ? json.count : index + 1
        }
        return isNeeded
    }

    /// The credentials in a text, in their order.
    ///
    /// Passwords come last, as if the others were replaced already: what stands in a URL is told by what is around it,
    /// and that must not change by redacting. So a text that is redacted once more stays as it is.
    static func matches(in text: Span<UInt8>) -> [Match] {
        var matches: [Match] = []
        var authorities: [Int] = []
        forEachCandidate(in: text) { index, candidates in
            let free = matches.last?.range.upperBound ?? 0
            var rest = candidates & ~(escapes | secretNames)
            while let pattern = pattern(of: rest, text, endingAt: index, behind: free) {
                if case .password = pattern.rule.body {
                    authorities.append(index + 1)
                } else if let match = match(pattern, text, endingAt: index), match.range.lowerBound >= free {
                    matches.append(match)
                    return match.range.upperBound
                }
                rest &= ~(1 << UInt64(pattern.bit))
            }
            return index + 1
        }
        return addingPasswords(ofAuthoritiesAt: authorities, text, to: matches)
    }
}

// MARK: - Prefixes

extension CredentialScan {
    private struct Pattern: Sendable {
        var bit: Int
        var prefix: StaticString
        var rule: CredentialRule
    }

    private static let patterns: [Pattern] = CredentialRule.all.flatMap { rule in
        rule.prefixes.map { (prefix: $0, rule: rule) }
    }.enumerated().map { Pattern(bit: $0, prefix: $1.prefix, rule: $1.rule) }

    /// The bits of the escape sequences `\u` and `\/`.
    private static let escapes: UInt64 = 0b11 << 62
    /// The bits of the letters by which the names of secrets are found.
    private static let firstSecretName = UInt64(62 - SecretName.all.count)
    private static let secretNames: UInt64 = (1 << UInt64(SecretName.all.count) - 1) << firstSecretName

    /// For the third byte from a prefix's end, the second and the last one: the prefixes that have a given byte there.
    private static let table: [UInt64] = {
        var table = [UInt64](repeating: 0, count: 3 << 8)
        for pattern in patterns {
            let prefix = pattern.prefix
            for place in 0..<3 {
                let byte = prefix.utf8Start[prefix.utf8CodeUnitCount - 3 + place]
                table[place << 8 | Int(byte)] |= 1 << UInt64(pattern.bit)
                if pattern.rule.ignoresCase, Alphabet.lettersAndDigits.contains(byte), byte > UInt8(ascii: "9") {
                    table[place << 8 | Int(byte ^ 0x20)] |= 1 << UInt64(pattern.bit)
                }
            }
        }
        for (number, name) in SecretName.all.enumerated() {
            for place in 0..<3 {
                let byte = name.mark.utf8Start[place]
                let bit: UInt64 = 1 << (firstSecretName + UInt64(number))
                table[place << 8 | Int(byte)] |= bit
                if Alphabet.lettersAndDigits.contains(byte) { table[place << 8 | Int(byte ^ 0x20)] |= bit }
            }
        }
        for byte in 0..<256 { table[byte] |= escapes }
        table[1 << 8 | Int(UInt8(ascii: "\\"))] |= escapes
        for byte in [UInt8(ascii: "u"), UInt8(ascii: "/")] { table[2 << 8 | Int(byte)] |= escapes }
        return table
    }()

    /// Calls `body` with every index where the last byte of a prefix may stand and the bits of those prefixes, and goes
    /// on where it says. A prefix doesn't begin before that.
    private static func forEachCandidate(in text: Span<UInt8>, _ body: (Int, UInt64) -> Int) {
        table.withUnsafeBufferPointer { table in
            text.withUnsafeBufferPointer { text in
                var index = 0
                var (first, second): (UInt64, UInt64) = (0, 0)
                while index < text.count {
                    let byte = Int(text[index])
                    let candidates = second & table[2 << 8 | byte]
                    second = first & table[1 << 8 | byte]
                    first = table[byte]
                    index += 1
                    guard candidates != 0 else { continue }
                    let next = body(index - 1, candidates)
                    if next > index {
                        index = next
                        (first, second) = (0, 0)
                    }
                }
            }
        }
    }

    /// The first of the candidates whose whole prefix ends at `index`, with nothing before it that it could be a part of,
    /// or nothing but the credential that ends at `end`.
    private static func pattern(
        of candidates: UInt64,
        _ text: Span<UInt8>,
        endingAt index: Int,
        behind end: Int = 0
    ) -> Pattern? {
        var rest = candidates & ~(escapes | secretNames)
        while rest != 0 {
            let pattern = patterns[rest.trailingZeroBitCount]
            if stands(pattern, text, endingAt: index, behind: end) { return pattern }
            rest &= rest - 1
        }
        return nil
    }

    private static func stands(_ pattern: Pattern, _ text: Span<UInt8>, endingAt index: Int, behind end: Int) -> Bool {
        let prefix = pattern.prefix
        let start = index + 1 - prefix.utf8CodeUnitCount
        guard start >= 0 else { return false }
        for offset in 0..<prefix.utf8CodeUnitCount {
            let (byte, wanted) = (text[start + offset], prefix.utf8Start[offset])
            guard byte == wanted || pattern.rule.ignoresCase && byte | 0x20 == wanted else { return false }
        }
        return start == end
            || start > 0 && pattern.rule.mayFollow(text[start - 1], behind: start > 1 ? text[start - 2] : 0)
    }
}

extension CredentialRule {
    /// Whether the prefix may stand behind `byte`. A letter behind a backslash belongs to an escape sequence.
    fileprivate func mayFollow(_ byte: UInt8, behind before: UInt8) -> Bool {
        switch body {
        case .password, .privateKey: true
        case .webToken: !Alphabet.base64URL.contains(byte) || before == UInt8(ascii: "\\")
        default: !Alphabet.lettersAndDigits.contains(byte) || before == UInt8(ascii: "\\")
        }
    }
}

// MARK: - What follows

extension CredentialScan {
    private static func match(_ pattern: Pattern, _ text: Span<UInt8>, endingAt index: Int) -> Match? {
        let start = index + 1 - pattern.prefix.utf8CodeUnitCount
        let range: Range<Int>? =
            switch pattern.rule.body {
            case .key(let alphabet, let length): run(alphabet, length, text, index + 1).map { start..<$0 }
            case .secret(let alphabet, let length, let needsDigit):
                run(alphabet, length, text, index + 1, needsDigit: needsDigit).map { index + 1..<$0 }
            case .markedKey: endOfMarkedKey(text, index + 1).map { start..<$0 }
            case .webToken: endOfWebToken(text, start).map { start..<$0 }
            case .privateKey: endOfPrivateKey(text, index + 1).map { start..<$0 }
            case .password: nil
            }
        return range.map { Match(range: $0, rule: pattern.rule.name) }
    }

    /// The end of a run of so many characters of an alphabet.
    private static func run(
        _ alphabet: Alphabet,
        _ length: CredentialRule.Length,
        _ text: Span<UInt8>,
        _ start: Int,
        needsDigit: Bool = false
    ) -> Int? {
        var end = start
        var hasDigit = false
        switch length {
        case .exactly(let count):
            // One more would make it something else.
            while end < text.count, end - start <= count, alphabet.contains(text[end]) { end += 1 }
            return end - start == count ? end : nil
        case .atLeast(let count):
            while end < text.count, alphabet.contains(text[end]) {
                if Alphabet.digits.contains(text[end]) { hasDigit = true }
                end += 1
            }
            // A full stop ends the sentence, not the token.
            while end > start, text[end - 1] == UInt8(ascii: ".") { end -= 1 }
            return end - start >= count && (hasDigit || !needsDigit) ? end : nil
        }
    }

    private static func endOfMarkedKey(_ text: Span<UInt8>, _ start: Int) -> Int? {
        guard let end = run(.lettersAndDigits, .atLeast(48), text, start) else { return nil }
        return holds("T3BlbkFJ", text, at: start + 20) ? end : nil
    }

    private static func endOfWebToken(_ text: Span<UInt8>, _ start: Int) -> Int? {
        var position = start
        for least in [16, 16, 0] {
            let partStart = position
            while position < text.count, Alphabet.base64URL.contains(text[position]) { position += 1 }
            guard position - partStart >= least else { return nil }
            if least > 0 {
                guard position < text.count, text[position] == UInt8(ascii: ".") else { return nil }
                position += 1
            }
        }
        return position
    }

    /// Behind the dashes of the line that ends the key, or the end of the text if there is none.
    private static func endOfPrivateKey(_ text: Span<UInt8>, _ start: Int) -> Int? {
        let endOfLabel = endOfKeyLabel(text, start)
        guard holds("-----", text, at: endOfLabel) else { return nil }
        let label = JSONText.text(text, start..<endOfLabel)
        guard label.hasSuffix("PRIVATE KEY") || label.hasSuffix("PRIVATE KEY BLOCK") else { return nil }
        var position = endOfLabel
        while position < text.count {
            if holds("-----END ", text, at: position) {
                position = endOfKeyLabel(text, position + 9)
                while position < text.count, text[position] == UInt8(ascii: "-") { position += 1 }
                return position
            }
            position += 1
        }
        return position
    }

    private static func endOfKeyLabel(_ text: Span<UInt8>, _ start: Int) -> Int {
        let longest = 40
        var position = start
        while position < text.count, position - start < longest, Alphabet.keyLabel.contains(text[position]) {
            position += 1
        }
        return position
    }

    static func holds(_ wanted: StaticString, _ text: Span<UInt8>, at start: Int) -> Bool {
        guard start + wanted.utf8CodeUnitCount <= text.count else { return false }
        for offset in 0..<wanted.utf8CodeUnitCount where text[start + offset] != wanted.utf8Start[offset] {
            return false
        }
        return true
    }
}
