// A text that is looked for in events. Whether a payload can contain it is told from its bytes, which costs one pass and no
// allocation, instead of making a text of everything in it.

/// A text to look for. Upper and lower case differ only if it has an upper-case letter.
struct SoughtText: Sendable {
    let text: String
    private let isCaseSensitive: Bool
    /// The bytes of the text as they are compared; `nil` if it is not of plain ASCII.
    private let bytes: [UInt8]?

    init(_ text: String) {
        self.text = text
        isCaseSensitive = text.contains(where: \.isUppercase)
        bytes = text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7f } ? Array(text.utf8) : nil
    }

    /// Whether a text contains it.
    func isContained(in candidate: String) -> Bool {
        var candidate = candidate
        if let isContained = candidate.withUTF8({ isContained(in: $0.span) }) { return isContained }
        return (isCaseSensitive ? candidate : candidate.lowercased()).contains(
            isCaseSensitive ? text : text.lowercased()
        )
    }

    /// Whether JSON text contains it, in one value or across several; `nil` if its bytes don't tell, because not all of them
    /// stand for themselves.
    func isContained(inJSON json: String) -> Bool? {
        var json = json
        return json.withUTF8 { isContained(in: $0.span, escaping: UInt8(ascii: "\\")) }
    }

    /// Whether the bytes of a line tell that no value in it contains the text.
    func isRuledOut(by line: Span<UInt8>) -> Bool { isContained(in: line, escaping: UInt8(ascii: "\\")) == false }

    /// - Parameter escape: A byte of which one cannot tell what it stands for.
    /// - Returns: `nil` if one cannot tell.
    private func isContained(in candidate: Span<UInt8>, escaping escape: UInt8? = nil) -> Bool? {
        guard let bytes else { return nil }
        return bytes.withUnsafeBufferPointer { wanted in
            candidate.withUnsafeBufferPointer { candidate in
                var isContained = wanted.isEmpty
                for index in candidate.indices {
                    let byte = candidate[index]
                    guard byte < 0x80, byte != escape, byte != UInt8(ascii: "\r") else { return nil }
                    if isContained || folded(byte) != wanted[0] || candidate.count - index < wanted.count { continue }
                    isContained = wanted.indices.allSatisfy { folded(candidate[index + $0]) == wanted[$0] }
                }
                return isContained
            }
        }
    }

    private func folded(_ byte: UInt8) -> UInt8 {
        !isCaseSensitive && byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
    }
}
