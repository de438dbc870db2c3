// Which files a patch of codex changes: its lines "*** Update File: path", wherever in a value they stand, whether that
// is the patch or a command line with the patch in it. The patch stands there as JSON, so its lines end with \n, two
// characters.

import NeuraphageEvents

enum PatchedFiles {
    /// How many files one patch may name; more than that are not told of one by one.
    private static let most = 100
    private static let heads: [StaticString] = ["*** Add File: ", "*** Update File: ", "*** Delete File: "]

    /// The names, each once, in their order.
    static func names(in value: Range<Int>, _ bytes: Span<UInt8>) -> [String] {
        var names: [String] = []
        var index = value.lowerBound
        while index < value.upperBound, names.count < most {
            guard isLineStart(index, value, bytes), let head = head(at: index, value, bytes) else {
                index += 1
                continue
            }
            let start = index + head
            index = start
            while index < value.upperBound, !isLineEnd(index, bytes) {
                index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
            }
            let name = JSONText.decode(.init(range: start..<min(index, value.upperBound), hasEscapes: true), bytes)
            if !name.isEmpty, name.utf8.count <= 4_096, !names.contains(name) { names.append(name) }
        }
        return names
    }

    private static func head(at index: Int, _ value: Range<Int>, _ bytes: Span<UInt8>) -> Int? {
        heads.first { head in
            let end = index + head.utf8CodeUnitCount
            return end <= value.upperBound && LenientJSON.isEqual(index..<end, bytes, to: head)
        }?.utf8CodeUnitCount
    }

    private static func isLineStart(_ index: Int, _ value: Range<Int>, _ bytes: Span<UInt8>) -> Bool {
        guard bytes[index] == UInt8(ascii: "*"), index > value.lowerBound else { return false }
        let previous = bytes[index - 1]
        return previous == UInt8(ascii: "\"")
            || previous == UInt8(ascii: "n") && index > value.lowerBound + 1
                && bytes[index - 2] == UInt8(ascii: "\\")
    }

    /// Whether the line ends here: with the string, or with an escaped line break.
    private static func isLineEnd(_ index: Int, _ bytes: Span<UInt8>) -> Bool {
        if bytes[index] == UInt8(ascii: "\"") { return true }
        guard bytes[index] == UInt8(ascii: "\\"), index + 1 < bytes.count else { return false }
        return bytes[index + 1] == UInt8(ascii: "n") || bytes[index + 1] == UInt8(ascii: "r")
    }
}
