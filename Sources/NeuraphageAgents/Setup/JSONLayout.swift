// How a person laid out their JSON file, so that what we add looks as if they had written it.

/// The layout of a JSON file.
struct JSONLayout {
    /// What a line ends with.
    private let newline: [UInt8]
    /// By how much a level is indented.
    private let unit: [UInt8]
    /// Whether everything stands in one line.
    private let isCompact: Bool

    /// The layout of the file whose outermost object this is.
    init(_ text: [UInt8], root: JSONContainer) {
        let end = text.firstIndex(of: UInt8(ascii: "\n"))
        newline = Array((end.map { $0 > 0 && text[$0 - 1] == UInt8(ascii: "\r") } ?? false ? "\r\n" : "\n").utf8)
        guard let first = root.elements.first else {
            unit = Array("  ".utf8)
            isCompact = false
            return
        }
        isCompact = !text[..<root.close].contains(UInt8(ascii: "\n"))
        let indentation = Self.indentation(text[root.interior.lowerBound..<first.range.lowerBound]) ?? []
        unit = indentation.isEmpty ? Array("  ".utf8) : indentation
    }

    /// The text with something more, which is one line, at the end of a container.
    func adding(_ addition: String, to container: JSONContainer, in text: [UInt8]) -> [UInt8] {
        let line = Array(addition.utf8)
        guard let first = container.elements.first, let last = container.elements.last else {
            let base = lineIndentation(of: container.open, in: text)
            return text.replacing(
                container.interior,
                with: isCompact ? line : newline + base + unit + line + newline + base
            )
        }
        let end = last.range.upperBound
        let before = text[container.interior.lowerBound..<first.range.lowerBound]
        let separator = Self.indentation(before).map { Array(",".utf8) + newline + $0 } ?? Array(", ".utf8)
        return text.replacing(end..<end, with: separator + line)
    }

    /// What follows the last newline in white space; `nil` if there is no newline in it.
    private static func indentation(_ whitespace: ArraySlice<UInt8>) -> [UInt8]? {
        whitespace.lastIndex(of: UInt8(ascii: "\n")).map { Array(whitespace[($0 + 1)...]) }
    }

    /// The white space at the beginning of the line in which something stands.
    private func lineIndentation(of position: Int, in text: [UInt8]) -> [UInt8] {
        let start = text[..<position].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        return Array(text[start..<position].prefix { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") })
    }
}
