// Credentials that nobody owns. They are put together when the tests run, so that no scanner takes this repository for a
// leak.

import Testing

@testable import NeuraphageEvents

/// A text that holds one credential.
struct Credential: Sendable, CustomTestStringConvertible {
    var rule: String
    var before = ""
    /// What must not be logged.
    var secret: String
    var behind = ""

    var text: String { before + secret + behind }
    var redacted: String { "\(before)[REDACTED:\(rule)]\(behind)" }
    var testDescription: String { redacted }

    private static let capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    private static let alphanumeric = capitals + "abcdefghijklmnopqrstuvwxyz"

    /// So many characters, always the same ones. The first is a digit, as some formats want it.
    static func body(_ count: Int, of alphabet: String = alphanumeric) -> String {
        var random = SeededGenerator(seed: UInt64(count))
        return "7" + String((1..<count).compactMap { _ in alphabet.randomElement(using: &random) })
    }

    /// At least one of each rule and each prefix, with the shortest body that is one.
    static let all: [Credential] =
        simple + [
            Credential(
                rule: "azure-storage-key",
                before: "DefaultEndpointsProtocol=https;Account" + "Key=",
                secret: body(86) + "=="
            ),
            Credential(rule: "openai-key", secret: "s" + "k-" + body(20) + "T3Blbk" + "FJ" + body(20)),
            Credential(
                rule: "slack-webhook",
                before: "https://hooks.slack" + ".com/services/",
                secret: "T\(body(10, of: capitals))/B\(body(10, of: capitals))/\(body(24))"
            ),
            Credential(
                rule: "discord-webhook",
                before: "https://discord" + ".com/api/webhooks/",
                secret: body(18, of: "0123456789") + "/" + body(68, of: alphanumeric + "_-")
            ),
            Credential(
                rule: "discord-webhook",
                before: "https://discordapp" + ".com/api/webhooks/",
                secret: body(18, of: "0123456789") + "/" + body(68, of: alphanumeric + "_-")
            ),
            Credential(
                rule: "telegram-token",
                before: "curl https://api.telegram" + ".org/bot",
                secret: body(9, of: "0123456789") + ":AA" + body(33),
                behind: "?"
            ),
            Credential(rule: "private-key", secret: pem("RSA PRIVATE KEY")),
            Credential(rule: "private-key", before: "key:\n", secret: pem("PRIVATE KEY"), behind: "\nend"),
            Credential(rule: "private-key", before: "x", secret: pem("OPENSSH PRIVATE KEY"), behind: " y"),
            Credential(rule: "private-key", secret: pem("PGP PRIVATE KEY BLOCK")),
            Credential(rule: "private-key", before: "cut: ", secret: String(pem("EC PRIVATE KEY").dropLast(60))),
            Credential(rule: "url-password", before: "postgres://app:", secret: "hunter2", behind: "@db.local:5432/x"),
            Credential(
                rule: "url-password",
                before: "see https://me:",
                secret: "p:@%20!$&'()",
                behind: "@example.com."
            ),
            Credential(rule: "url-password", before: "redis://:", secret: "pä55", behind: "@host"),
            Credential(rule: "bearer-token", before: "Authorization: Bearer ", secret: "abcdefgh", behind: "'"),
            Credential(rule: "bearer-token", before: "authorization:bearer ", secret: "a.b-c_d~e+f/g=="),
            Credential(rule: "bearer-token", before: "Bearer ", secret: body(20)),
            Credential(
                rule: "basic-credentials",
                before: "-H 'Authorization: Basic ",
                secret: "bWU6cHc=",
                behind: "' x"
            ),
            Credential(rule: "basic-credentials", before: "AUTHORIZATION:BASIC ", secret: "bWU6cHc="),
            Credential(
                rule: "web-token",
                secret: ["ey" + "J" + body(16), "ey" + "J" + body(20), body(43)].joined(separator: ".")
            ),
        ]

    /// Prefix, length of the body and alphabet.
    private static let simple: [Credential] = [
        ("aws-access-key", "AK" + "IA", 16, capitals), ("aws-access-key", "AS" + "IA", 16, capitals),
        ("google-api-key", "AI" + "za", 35, alphanumeric + "_-"),
        ("github-token", "gh" + "p_", 36, alphanumeric), ("github-token", "gh" + "o_", 36, alphanumeric),
        ("github-token", "gh" + "u_", 36, alphanumeric), ("github-token", "gh" + "s_", 40, alphanumeric),
        ("github-token", "gh" + "r_", 76, alphanumeric), ("github-token", "github" + "_pat_", 82, alphanumeric + "_"),
        ("gitlab-token", "gl" + "pat-", 20, alphanumeric + "_-"), ("npm-token", "np" + "m_", 36, alphanumeric),
        ("pypi-token", "pypi-" + "AgEI", 150, alphanumeric + "_-"),
        ("anthropic-key", "sk-" + "ant-", 101, alphanumeric + "_-"),
        ("openai-key", "sk-" + "proj-", 156, alphanumeric + "_-"),
        ("openai-key", "sk-" + "svcacct-", 156, alphanumeric),
        ("openai-key", "sk-" + "admin-", 156, alphanumeric), ("huggingface-token", "h" + "f_", 34, alphanumeric),
        ("groq-key", "gs" + "k_", 52, alphanumeric), ("xai-key", "xa" + "i-", 80, alphanumeric),
        ("slack-token", "xox" + "b-", 40, alphanumeric + "-"), ("slack-token", "xox" + "p-", 60, alphanumeric + "-"),
        ("slack-token", "xox" + "a-", 40, alphanumeric + "-"), ("slack-token", "xox" + "r-", 40, alphanumeric + "-"),
        ("slack-token", "xox" + "s-", 40, alphanumeric + "-"), ("slack-token", "xa" + "pp-", 90, alphanumeric + "-"),
        ("stripe-key", "sk_" + "live_", 24, alphanumeric), ("stripe-key", "rk_" + "live_", 24, alphanumeric),
    ].map { rule, prefix, length, alphabet in Credential(rule: rule, secret: prefix + body(length, of: alphabet)) }

    private static func pem(_ label: String) -> String {
        let lines = (1...4).map { body(60 + $0, of: alphanumeric + "+/") }.joined(separator: "\n")
        return "-----BEG" + "IN \(label)-----\n\(lines)\n-----E" + "ND \(label)-----"
    }
}
