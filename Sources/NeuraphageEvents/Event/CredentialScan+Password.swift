// Finds the passwords of URLs: what stands between a user's name and the host.

extension CredentialScan {
    /// The credentials and, in their order with them, the passwords of the URLs whose authorities begin at given places.
    /// A credential within a password is a part of it.
    static func addingPasswords(
        ofAuthoritiesAt authorities: [Int],
        _ text: Span<UInt8>,
        to credentials: [Match]
    ) -> [Match] {
        var matches: [Match] = []
        var rest = credentials[...]
        func takeCredentials(before end: Int) {
            let before = rest.prefix { $0.range.upperBound <= end }
            matches += before
            rest = rest[before.endIndex...]
        }
        for authority in authorities {
            takeCredentials(before: authority)
            guard let password = password(text, authority, besides: rest) else { continue }
            takeCredentials(before: password.lowerBound)
            matches.append(Match(range: password, rule: CredentialRule.urlPassword.name))
            rest = rest.drop { $0.range.upperBound <= password.upperBound }
        }
        return matches + rest
    }

    /// The password of a URL whose authority begins at `start`: from the first colon to the last `@`. Credentials, and
    /// marks of earlier ones, are not looked into.
    private static func password(
        _ text: Span<UInt8>,
        _ start: Int,
        besides credentials: ArraySlice<Match>
    ) -> Range<Int>? {
        var rest = credentials
        var position = start
        var (colon, at): (Int?, Int?)
        var marked: Range<Int>?
        authority: while position < text.count {
            if let credential = rest.first?.range, credential.lowerBound == position {
                position = credential.upperBound
                rest.removeFirst()
                continue
            }
            switch text[position] {
            case 0...0x20, UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#"), UInt8(ascii: "\""),
                UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "`"):
                break authority
            case UInt8(ascii: "["):
                if let end = endOfMark(text, position, before: rest.first?.range.lowerBound ?? text.count) {
                    if colon == position - 1 { marked = position..<end }
                    position = end
                    continue
                }
            case UInt8(ascii: ":"): colon = colon ?? position
            case UInt8(ascii: "@"): at = position
            default: break
            }
            position += 1
        }
        guard let colon, let at, colon + 1 < at, marked != colon + 1..<at else { return nil }
        return colon + 1..<at
    }

    /// Behind the `[REDACTED:rule]` that stands at `start` and ends at `limit` or before. Anything else in brackets is no
    /// mark, or what stands in it would be found only when it has become shorter.
    static func endOfMark(_ text: Span<UInt8>, _ start: Int, before limit: Int) -> Int? {
        let mark: StaticString = "[REDACTED:"
        guard holds(mark, text, at: start) else { return nil }
        var position = start + mark.utf8CodeUnitCount
        while position < limit, Alphabet.ruleName.contains(text[position]) { position += 1 }
        return position < limit && text[position] == UInt8(ascii: "]") ? position + 1 : nil
    }
}
