// Credentials in a payload are replaced in the text, string by string: nothing else of the text changes.

extension Payload {
    /// This payload, or its copy in which credentials in strings are replaced by `[REDACTED:rule]`.
    ///
    /// Only the values of strings are looked at, by what they say, however it is escaped, and by the names of the members
    /// whose values they are; never keys and numbers.
    ///
    /// - Parameter isOurs: Whether np itself has made it. Then ids are left alone: they are what events are found by, and may
    ///   be any text that another program calls an event or a session. np's own ids, and git's, no rule takes for a
    ///   credential.
    package func redacted(madeByNP isOurs: @autoclosure () -> Bool = false) -> Payload {
        var json = json
        return json.withUTF8 { bytes in
            let json = bytes.span
            guard CredentialScan.isNeeded(for: json) else { return self }
            var redacted: [UInt8] = []
            var copied = 0
            let isOurs = isOurs()
            for string in JSONText.stringValues(json) where !(isOurs && IdentifierMember.holds(string, json)) {
                let matches =
                    Self.secret(string.value, of: string.key, json) ?? Self.credentials(in: string.value, json)
                for match in matches {
                    redacted.append(contentsOf: bytes[copied..<match.range.lowerBound])
                    redacted.append(contentsOf: "[REDACTED:\(match.rule)]".utf8)
                    copied = match.range.upperBound
                }
            }
            guard copied > 0 else { return self }
            redacted.append(contentsOf: bytes[copied...])
            return Payload(validated: String(decoding: redacted, as: UTF8.self))
        }
    }

    /// The whole string, or nothing if it is too short, if it is the value of a member that is named as a secret; `nil` if it
    /// is not.
    ///
    /// Nothing is looked for in a short one: a password of three letters would make it long enough for the next redaction.
    private static func secret(
        _ string: JSONText.StringRange,
        of key: JSONText.StringRange?,
        _ json: Span<UInt8>
    ) -> [CredentialScan.Match]? {
        guard let key, SecretName.isOne(JSONText.decode(key, json)) else { return nil }
        guard SecretName.needsRedaction(JSONText.decode(string, json)) else { return [] }
        return [CredentialScan.Match(range: string.range, rule: SecretName.rule)]
    }

    /// The credentials in a string, by their places in the JSON text.
    private static func credentials(in string: JSONText.StringRange, _ json: Span<UInt8>) -> [CredentialScan.Match] {
        guard string.hasEscapes else {
            return CredentialScan.matches(in: json.extracting(string.range)).map { match in
                CredentialScan.Match(
                    range: match.range.lowerBound + string.range.lowerBound..<match.range.upperBound
                        + string.range.lowerBound,
                    rule: match.rule
                )
            }
        }
        var said: [UInt8] = []
        said.reserveCapacity(string.range.count)
        JSONText.forEachByte(of: string, json) { byte, _ in said.append(byte) }
        let matches = CredentialScan.matches(in: said.span)
        guard !matches.isEmpty else { return [] }

        // From places in what the string says to places in the text.
        var bounds = matches.flatMap { [$0.range.lowerBound, $0.range.upperBound] }[...]
        var places: [Int] = []
        var index = 0
        JSONText.forEachByte(of: string, json) { _, place in
            while bounds.first == index {
                places.append(place)
                bounds.removeFirst()
            }
            index += 1
        }
        while places.count < 2 * matches.count { places.append(string.range.upperBound) }
        return matches.enumerated().map { number, match in
            CredentialScan.Match(range: places[2 * number]..<places[2 * number + 1], rule: match.rule)
        }
    }
}
