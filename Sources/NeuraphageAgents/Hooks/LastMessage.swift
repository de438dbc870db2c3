// Whether an agent stopped because it wants to know something. That is one bit of its last message, and all that is kept.

enum LastMessage {
    /// Question marks of several scripts.
    private static let marks: Set<Character> = ["?", "？", "؟", "՞", "⁇", "⁉", "‽"]
    /// What may come between a question mark and the end of a sentence.
    private static let closers: Set<Character> = [
        "\"", "'", "”", "’", "»", ")", "]", "}", "*", "_", "`", "~",
    ]

    /// What ends a sentence that is no question.
    private static let stops: Set<Character> = [".", "!", "。", "！"]

    /// Whether the last line that says something ends with a question: with a sentence that ends with a question mark, after
    /// which at most one other comes. Code in backticks does not count.
    static func asks(_ text: String) -> Bool {
        let line = text.split(whereSeparator: \.isNewline).last { line in
            line.contains { $0.isLetter || marks.contains($0) }
        }
        guard let line else { return false }
        // Each sentence that has ended: whether it is a question.
        var sentences: [Bool] = []
        var end: Bool?
        var isCode = false
        for character in line {
            if character == "`" { isCode.toggle() }
            if isCode { continue }
            if marks.contains(character) {
                end = true
            } else if character.isWhitespace {
                // In the middle of a word, as in an address, it is no end of a sentence.
                if let isQuestion = end { sentences.append(isQuestion) }
                end = nil
            } else if stops.contains(character) {
                end = end ?? false
            } else if !closers.contains(character) {
                end = nil
            }
        }
        if let isQuestion = end { sentences.append(isQuestion) }
        return sentences.suffix(2).contains(true)
    }
}
