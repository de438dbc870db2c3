// Text from outside, made harmless: what doesn't print is shown as an escape, as JSON would write it.

import NeuraphageEvents

extension String {
    /// The text with everything that a terminal would act on, or that nobody would see, made visible: controls and
    /// escape sequences, line breaks, bidirectional and other formatting, invisible characters.
    package var visible: String {
        guard !isPlain, unicodeScalars.contains(where: { !$0.isPrintable }) else { return self }
        var result = ""
        var previous: Unicode.Scalar = " "
        for scalar in unicodeScalars {
            if scalar.isPrintable || scalar.isEmojiPresentation(after: previous) {
                result.unicodeScalars.append(scalar)
            } else {
                result += scalar.escaped
            }
            previous = scalar
        }
        return result
    }

    /// JSON text that says the same and holds no character that a terminal would act on.
    package var visibleJSON: String {
        guard !isPlain, unicodeScalars.contains(where: { !$0.isPrintable }) else { return self }
        var result = ""
        for scalar in unicodeScalars {
            if scalar.isPrintable { result.unicodeScalars.append(scalar) } else { result += scalar.escapedUnits }
        }
        return result
    }

    /// Whether all of it is printable ASCII, as most text is, which is quick to tell.
    private var isPlain: Bool {
        utf8.withContiguousStorageIfAvailable { bytes in
            // Without a way out of the loop, the compiler looks at many bytes at once.
            bytes.reduce(into: true) { isPlain, byte in isPlain = isPlain && byte &- 0x20 < 0x5f }
        } ?? false
    }
}

extension Unicode.Scalar {
    /// Whether this is the invisible mark that turns the symbol before it into an emoji.
    fileprivate func isEmojiPresentation(after previous: Unicode.Scalar) -> Bool {
        value == 0xfe0f && previous.properties.isEmoji && !previous.isASCII
    }

    fileprivate var escaped: String {
        switch self {
        case "\n": #"\n"#
        case "\r": #"\r"#
        case "\t": #"\t"#
        default: escapedUnits
        }
    }

    /// `\u` and four digits for each of the character's UTF-16 units.
    fileprivate var escapedUnits: String {
        String(self).utf16.map { unit in
            let digits = String(unit, radix: 16)
            return #"\u"# + String(repeating: "0", count: 4 - digits.count) + digits
        }.joined()
    }
}
