// The one rule for names that people give: printable text of 1 to 128 bytes, not blank.

/// Why a text cannot be the name of a task or of a custom kind.
public struct NameError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A sentence that says what is wrong with the name.
    public let description: String
}

package enum Name {
    /// What is wrong with `name`, or `nil` if nothing is. `what` names the thing in the message.
    package static func problem(with name: String, of what: String, atMost maximumBytes: Int = 128) -> NameError? {
        guard !name.isEmpty else { return NameError(description: "\(what) is empty") }
        guard name.utf8.count <= maximumBytes else {
            return NameError(description: "\(what) has \(name.utf8.count) bytes; \(maximumBytes) are allowed")
        }
        for scalar in name.unicodeScalars where !scalar.isPrintable {
            let code = String(scalar.value, radix: 16, uppercase: true)
            let padded = String(repeating: "0", count: max(0, 4 - code.count)) + code
            return NameError(description: "\(what) contains the unprintable character U+\(padded)")
        }
        return name.unicodeScalars.allSatisfy(\.isBlank) ? NameError(description: "\(what) is blank") : nil
    }
}

extension Unicode.Scalar {
    /// Whether the character shows on a screen as itself: no control, formatting (such as bidirectional overrides),
    /// line separator, invisible, private or unassigned character.
    package var isPrintable: Bool {
        if value >= 0x20 && value < 0x7f { return true }
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: return false
        default: return !properties.isDefaultIgnorableCodePoint
        }
    }

    /// Whether the character is a kind of space. Most names are ASCII, for which looking it up would take longer.
    fileprivate var isBlank: Bool { isASCII ? self == " " : properties.isWhitespace }
}
