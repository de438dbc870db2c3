// The credential formats that are kept out of the log: one table, of formats that begin with something no ordinary text
// begins with. `What-is-redacted` in the documentation shows the same table to people.

/// A credential format: what it begins with, and what must follow.
struct CredentialRule: Sendable {
    /// What stands behind the prefix.
    enum Body: Sendable {
        /// A key, which is replaced with its prefix: so many characters of an alphabet.
        case key(Alphabet, Length)
        /// A secret behind a prefix that stays.
        case secret(Alphabet, Length, needsDigit: Bool = false)
        /// 48 or more letters and digits with OpenAI's mark in the middle of them.
        case markedKey
        /// Three parts in base64url with dots between them.
        case webToken
        /// Everything up to the line that ends the key.
        case privateKey
        /// What stands between the user's name and the `@`.
        case password
    }

    enum Length: Sendable {
        case exactly(Int)
        case atLeast(Int)
    }

    /// What the credential is called in `[REDACTED:name]`.
    let name: StaticString
    let prefixes: [StaticString]
    let ignoresCase: Bool
    let body: Body

    private init(_ name: StaticString, _ prefixes: [StaticString], _ body: Body, ignoresCase: Bool = false) {
        self.name = name
        self.prefixes = prefixes
        self.body = body
        self.ignoresCase = ignoresCase
    }

    static let urlPassword = CredentialRule("url-password", ["://"], .password)

    /// All rules. Of two that match at one place the first counts. No prefix is shorter than three bytes.
    static let all: [CredentialRule] = [
        // Clouds
        CredentialRule("aws-access-key", ["AKIA", "ASIA"], .key(.capitalsAndDigits, .exactly(16))),
        CredentialRule("google-api-key", ["AIza"], .key(.base64URL, .atLeast(35))),
        CredentialRule("azure-storage-key", ["AccountKey="], .secret(.base64, .atLeast(80))),
        // Forges and package registries
        CredentialRule(
            "github-token",
            ["ghp_", "gho_", "ghu_", "ghs_", "ghr_"],
            .key(.lettersAndDigits, .atLeast(36))
        ),
        CredentialRule("github-token", ["github_pat_"], .key(.word, .atLeast(82))),
        CredentialRule("gitlab-token", ["glpat-"], .key(.dotted, .atLeast(20))),
        CredentialRule("npm-token", ["npm_"], .key(.lettersAndDigits, .atLeast(36))),
        CredentialRule("pypi-token", ["pypi-AgEI"], .key(.base64URL, .atLeast(50))),
        // Model providers
        CredentialRule("anthropic-key", ["sk-ant-"], .key(.base64URL, .atLeast(40))),
        CredentialRule("openai-key", ["sk-proj-", "sk-svcacct-", "sk-admin-"], .key(.base64URL, .atLeast(40))),
        CredentialRule("openai-key", ["sk-"], .markedKey),
        CredentialRule("huggingface-token", ["hf_"], .key(.lettersAndDigits, .atLeast(34))),
        CredentialRule("groq-key", ["gsk_"], .key(.lettersAndDigits, .atLeast(48))),
        CredentialRule("xai-key", ["xai-"], .key(.lettersAndDigits, .atLeast(64))),
        // Chat and payment
        CredentialRule("slack-token", ["xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-"], .key(.base64URL, .atLeast(24))),
        CredentialRule("slack-token", ["xapp-"], .key(.base64URL, .atLeast(40))),
        CredentialRule("slack-webhook", ["hooks.slack.com/services/"], .secret(.path, .atLeast(40))),
        CredentialRule(
            "discord-webhook",
            ["discord.com/api/webhooks/", "discordapp.com/api/webhooks/"],
            .secret(.path, .atLeast(78))
        ),
        CredentialRule("telegram-token", ["api.telegram.org/bot"], .secret(.colons, .atLeast(43))),
        CredentialRule("stripe-key", ["sk_live_", "rk_live_"], .key(.lettersAndDigits, .atLeast(20))),
        // Anything
        CredentialRule("private-key", ["-----BEGIN "], .privateKey),
        urlPassword,
        CredentialRule(
            "bearer-token",
            ["authorization: bearer ", "authorization:bearer "],
            .secret(.token68, .atLeast(8)),
            ignoresCase: true
        ),
        CredentialRule(
            "bearer-token",
            ["bearer "],
            .secret(.token68, .atLeast(20), needsDigit: true),
            ignoresCase: true
        ),
        CredentialRule(
            "basic-credentials",
            ["authorization: basic ", "authorization:basic "],
            .secret(.base64, .atLeast(8)),
            ignoresCase: true
        ),
        CredentialRule("web-token", ["eyJ"], .webToken),
    ]
}

/// A set of ASCII characters.
struct Alphabet: Sendable {
    private var low: UInt64 = 0
    private var high: UInt64 = 0

    private init(_ others: StaticString, and alphabets: Alphabet...) {
        for index in 0..<others.utf8CodeUnitCount { insert(others.utf8Start[index]) }
        for alphabet in alphabets {
            low |= alphabet.low
            high |= alphabet.high
        }
    }

    private init(_ range: ClosedRange<Unicode.Scalar>) {
        for byte in UInt8(ascii: range.lowerBound)...UInt8(ascii: range.upperBound) { insert(byte) }
    }

    private mutating func insert(_ byte: UInt8) {
        if byte < 64 { low |= 1 << UInt64(byte) } else { high |= 1 << UInt64(byte - 64) }
    }

    func contains(_ byte: UInt8) -> Bool {
        byte < 64 ? low >> UInt64(byte) & 1 == 1 : byte < 128 && high >> UInt64(byte - 64) & 1 == 1
    }

    static let digits = Alphabet("0"..."9")
    /// What the rules' names are made of.
    static let ruleName = Alphabet("-", and: Alphabet("a"..."z"))
    /// What the labels of PEM files are made of, in practice.
    static let keyLabel = Alphabet(" ", and: capitalsAndDigits)
    static let capitalsAndDigits = Alphabet("", and: digits, Alphabet("A"..."Z"))
    static let lettersAndDigits = Alphabet("", and: capitalsAndDigits, Alphabet("a"..."z"))
    static let word = Alphabet("_", and: lettersAndDigits)
    static let base64 = Alphabet("+/=", and: lettersAndDigits)
    static let base64URL = Alphabet("-", and: word)
    static let dotted = Alphabet(".", and: base64URL)
    static let path = Alphabet("/", and: base64URL)
    static let colons = Alphabet(":", and: base64URL)
    /// What a bearer token is made of (RFC 9110, section 11.2).
    static let token68 = Alphabet("~+/=", and: dotted)
}
