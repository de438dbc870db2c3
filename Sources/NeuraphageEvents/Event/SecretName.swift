// The names of members whose values are secrets, whatever they look like: `"password": "hunter2222"`. The name must be one of
// these and nothing more; `password_hint` is not. Capitals, `_` and `-` make no difference.
//
// The scan that every payload passes looks for three letters of each name, which are rare in other text, and only where it
// finds them for the name itself.

/// What a member is called whose value is a secret.
enum SecretName {
    /// What the credential is called in `[REDACTED:rule]`.
    static let rule: StaticString = "named-secret"
    /// Shorter values are words such as `none` or `null`, and destroying them helps nobody.
    private static let leastCharacters = 8

    /// The names, without capitals, `_` and `-`, by the three bytes by which the scan finds them. `ey"` is the end of a key.
    static let all: [(mark: StaticString, names: [StaticString])] = [
        ("swo", ["password", "dbpassword", "userpassword"]),
        ("swd", ["passwd"]),
        ("phr", ["passphrase"]),
        ("ecr", ["secret", "clientsecret", "apisecret", "appsecret", "secretkey", "secretaccesskey", "secrettoken"]),
        (
            "tok",
            [
                "token", "accesstoken", "refreshtoken", "authtoken", "apitoken", "idtoken", "sessiontoken",
                "bearertoken",
            ]
        ),
        ("ey\"", ["apikey", "accesskey", "privatekey", "encryptionkey", "signingkey"]),
        ("riz", ["authorization"]),
    ]

    private static let longest = 32
    private static let names = Set(all.flatMap(\.names).map { "\($0)" })

    /// Whether a member of this name holds a secret.
    static func isOne(_ name: String) -> Bool {
        name.utf8.count <= longest && names.contains(KindPattern.folded(name))
    }

    /// Whether a value of such a member has to be replaced: not if it is too short, or has been already.
    static func needsRedaction(_ value: String) -> Bool {
        guard value.count >= leastCharacters else { return false }
        let bytes = Array(value.utf8)
        return CredentialScan.endOfMark(bytes.span, 0, before: bytes.count) != bytes.count
    }

    /// Whether the string without escapes around a place in JSON text is the name of such a member.
    static func isAround(_ index: Int, _ json: Span<UInt8>) -> Bool {
        let quote = UInt8(ascii: "\"")
        // The place may be the closing quote itself.
        var end = index
        while end < json.count, end - index <= longest, json[end] != quote { end += 1 }
        guard end + 1 < json.count, json[end] == quote, json[end + 1] == UInt8(ascii: ":") else { return false }
        var start = end
        while start > 0, end - start <= longest, json[start - 1] != quote { start -= 1 }
        return start > 0 && isOne(JSONText.text(json, start..<end))
    }
}
