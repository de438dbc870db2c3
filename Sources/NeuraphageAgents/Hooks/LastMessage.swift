// Whether an agent stopped because it wants to know something. That is one bit of its last message, and all that is kept.

enum LastMessage {
    /// Question marks of several scripts.
    private static let marks: Set<Character> = ["?", "？", "؟", "՞", "⁇", "⁉", "‽"]
    /// What may come between a question mark and the end of a sentence.
    private static let closers: Set<Character> = [
        "\"", "'", "”", "’", "»", ")", "]", "}", "*", "_", "`", "~", "!", ".",
    ]

    /// Whether the last line that says something has a question in it: a sentence that ends with a question mark.
    static func asks(_ text: String) -> Bool {
        let line = text.split(whereSeparator: \.isNewline).last { line in
            line.contains { $0.isLetter || marks.contains($0) }
        }
        guard let line else { return false }
        var isAfterMark = false
        for character in line {
            if marks.contains(character) {
                isAfterMark = true
            } else if isAfterMark, !closers.contains(character) {
                // In the middle of a word, as in an address, it is no end of a sentence.
                if character.isWhitespace { return true }
                isAfterMark = false
            }
        }
        return isAfterMark
    }
}
