/// How deep objects and arrays may lie in each other in what clients send. Nothing here minds any depth, but the
/// programs that read the log later may.
enum NestingLimit {
    static let deepest = 64

    /// Whether JSON text stays within the limit. It need not be valid.
    static func holds(for text: Span<UInt8>) -> Bool {
        var depth = 0
        var isInString = false
        var index = 0
        while index < text.count {
            switch text[index] {
            case UInt8(ascii: "\""): isInString.toggle()
            case UInt8(ascii: "\\") where isInString: index += 1
            case UInt8(ascii: "{") where !isInString, UInt8(ascii: "[") where !isInString:
                depth += 1
                if depth > deepest { return false }
            case UInt8(ascii: "}") where !isInString, UInt8(ascii: "]") where !isInString: depth -= 1
            default: break
            }
            index += 1
        }
        return true
    }
}
