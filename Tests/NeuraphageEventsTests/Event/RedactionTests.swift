import Foundation
import TestSupport
import Testing

@testable import NeuraphageEvents

@Suite("Redaction", .apart)
struct RedactionTests {
    private func redacted(_ text: String) -> String {
        guard case .string(let redacted) = Payload(.string(text)).redacted().value(at: []) else { return "" }
        return redacted
    }

    @Test("leaves the ids of np's own events alone, whatever they are, and nothing else")
    func ids() throws {
        let id = "AKIA" + "ABCDEFGHIJKLMNOP"
        let read = Event.notificationRead(EventID(id), in: "t-1", by: nil, how: "np inbox \(id)")
        func logged(_ event: Event) throws -> Payload {
            var line: [UInt8] = []
            event.encode(payloadLimit: 10_240, redactingCredentials: true, into: &line)
            return try Event(line: String(decoding: line, as: UTF8.self)).payload
        }
        #expect(try logged(read).string("notification") == id)
        #expect(try logged(read).string("how") == "np inbox [REDACTED:aws-access-key]")
        // Any program may write this one.
        let begin = try logged(Event(.taskCompleted, payload: ["begin": .string(id)])).string("begin")
        #expect(begin == "[REDACTED:aws-access-key]")
    }

    @Test("takes no id of np's or of git's for a credential, and no member that holds ids for a secret")
    func ownIDs() throws {
        for name in IdentifierMember.names { #expect(!SecretName.isOne(name), "\(name)") }
        for rule in CredentialRule.all {
            for prefix in rule.prefixes {
                #expect(!"\(prefix)".allSatisfy { "0123456789abcdef-".contains($0) }, "\(prefix)")
            }
        }
        var random = SeededGenerator(seed: 7)
        for _ in 0..<2_000 {
            let commit = String((0..<40).map { _ in "0123456789abcdef".randomElement(using: &random) ?? "0" })
            let payload: Payload = [
                "begin": .string(EventIDGenerator.shared.mint().id.description), "commit": .string(commit),
            ]
            #expect(payload.redacted() == payload)
        }
    }

    @Test("replaces a credential and nothing around it", arguments: Credential.all)
    func each(credential: Credential) throws {
        #expect(redacted(credential.text) == credential.redacted)
        for (before, behind) in [
            (" ", " "), ("'", "'"), ("(", ")"), ("\n", "\n"), ("KEY=", ";"), ("\t", ", and"), ("é", "é"),
        ] {
            // What stands before a URL's name or in a host's is a part of it; what is cut short has no end.
            guard credential.rule != "url-password", !credential.redacted.hasPrefix("cut") else { continue }
            #expect(redacted(before + credential.text + behind) == before + credential.redacted + behind)
        }
        let payload: Payload = ["a": 1, "nested": ["x", .string(credential.text), nil], "b": .string(credential.text)]
        let expected: Payload = [
            "a": 1, "nested": ["x", .string(credential.redacted), nil], "b": .string(credential.redacted),
        ]
        #expect(payload.redacted() == expected)
    }

    @Test("knows a credential however it is escaped", arguments: Credential.all)
    func escaped(credential: Credential) throws {
        var everything = ""
        for unit in credential.text.utf16 {
            let digits = String(unit, radix: 16)
            everything += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
        let spellings = [
            everything, credential.text.replacing("/", with: #"\/"#).replacing("\n", with: #"\n"#),
            #"\n\"\\\té\ud83d"# + credential.text.replacing("\n", with: #"\r\n"#).replacing("-", with: #"\u002d"#)
                + #"\n"#,
        ]
        for spelling in spellings {
            let payload = try Payload(json: "[1,\"\(spelling)\",\"\(spelling)\"]")
            let redacted = payload.redacted()
            #expect(try Payload(json: redacted.json) == redacted)
            let mark = "[REDACTED:\(credential.rule)]"
            #expect(redacted.json.components(separatedBy: mark).count == 3, "\(redacted)")
            for index in ["0", "1", "2"] {
                let text = try #require(redacted.value(at: [index])).text
                #expect(!text.contains(credential.secret) && (index == "0" || text.contains(mark)))
            }
        }
    }

    @Test("has an example of every rule here, and a line for it in the documentation")
    func complete() throws {
        let names = Set(CredentialRule.all.map { "\($0.name)" })
        #expect(Set(Credential.all.map(\.rule)) == names)
        let sources = URL(filePath: #filePath).deletingLastPathComponent().resolvingSymlinksInPath()
        let article = sources.appending(
            path: "../../../Sources/NeuraphageEvents/NeuraphageEvents.docc/What-is-redacted.md"
        )
        let text = try String(contentsOf: article.standardizedFileURL, encoding: .utf8)
        // Each has a bit of its own in the scan, and the escape sequences have two.
        #expect(CredentialRule.all.flatMap(\.prefixes).count + SecretName.all.count <= 62)
        #expect(text.contains("| `\(SecretName.rule)` |"))
        for rule in CredentialRule.all {
            #expect(text.contains("| `\(rule.name)` |"))
            for prefix in rule.prefixes where !rule.ignoresCase { #expect(text.contains("`\(prefix)"), "\(prefix)") }
        }
    }

    @Test("replaces the value of a member that is named as a secret, however the name is spelled")
    func namedSecrets() throws {
        let value = "hunter" + "2222"
        let names = SecretName.all.flatMap(\.names).map { "\($0)" }
        let spellings = names + ["PASSWORD", "api_key", "Api-Key", "ACCESS_TOKEN", "clientSecret"]
        for name in spellings {
            func payload(_ value: String) throws -> Payload {
                try Payload(json: #"{"a":[{"\#(name)":"\#(value)","b":"hunter2222"}]}"#)
            }
            let (payload, expected) = (try payload(value), try payload("[REDACTED:named-secret]"))
            #expect(payload.redacted() == expected, "\(name)")
            #expect(expected.redacted() == expected)
        }
        let escaped = try Payload(json: #"{"p\u0061ssword":"\"\\n1234567","x":1}"#)
        #expect(escaped.redacted().json == #"{"p\u0061ssword":"[REDACTED:named-secret]","x":1}"#)
    }

    @Test("leaves alone a short value, another type, and a name that only contains such a one")
    func notNamedSecrets() throws {
        for json in [
            #"{"password":"none","token":1234567890,"secret":["hunter2222"],"api_key":null}"#,
            #"{"password_hint":"hunter2222","tokens":"hunter2222","my secret":"hunter2222","key":"hunter2222"}"#,
            #"{"text":"password","a":"token","token":{"id":"hunter2222"}}"#, #"["password","hunter2222"]"#,
            #"{"text":"{\"password\":\"hunter2222\"}"}"#, #""password""#,
        ] {
            #expect(try Payload(json: json).redacted().json == json)
        }
    }

    @Test("of a secret by its name changes nothing when it is done once more, whatever the value was")
    func namedIdempotence() throws {
        for value in ["://:x@", "a://b:c@d", "[REDACTED:x]", "[REDACTED:named-secret]y", "[REDACTED:", "éééééééé"] {
            let once = Payload(["token": .string(value)]).redacted()
            #expect(once.redacted() == once, "\(value)")
        }
    }

    @Test("leaves alone what only looks like a credential, and is written as it came")
    func nearMisses() throws {
        let forty = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
        let (digits, ten) = (Credential.body(15, of: "ABC234"), "a1b2c3d4e5")
        let twenty = ten + ten
        // What would be a prefix is cut in two with `~` here.
        let misses: [String] = [
            // Too short, too long, of other characters, within a word.
            "AK~IA\(digits)", "AK~IA\(digits)23", "AK~IAabcdefghijklmnop", "XAK~IA\(digits)2",
            "AI~za\(twenty)\(ten)abcd",
            "gh~p_\(twenty)\(ten)abcde", "gh~p_my-branch",
            "github~_pat_\(twenty)\(twenty)\(twenty)\(twenty)a", "gl~pat-abcdefghijklmnopqrs", "ri~sk-ant-\(forty)",
            "task-\(twenty)T3Blbk~FJ\(twenty)", "sk-~ant-farm", "sk-~\(forty)abcdefgh",
            "sk-~\(ten)T3Blbk~FJ\(twenty)\(ten)", "npm_config_registry_and_other_settings_of_npm",
            "h~f_hub_download_of_a_model_with_a_long_name", "xa~i-\(forty)\(twenty)abc", "sk_~test_\(twenty)abcd",
            "sk_~live_abcdefghijklmnopqrs", "pypi-server-with-a-name-that-is-much-longer-than-any-token-could-be",
            "ey~J\(forty)", "ey~J\(twenty).\(ten)",
            "-----BEG~IN CERTIFICATE-----\nMIIB\n-----E~ND CERTIFICATE-----",
            "-----BEG~IN PUBLIC KEY-----\nMIIB\n-----E~ND PUBLIC KEY-----", "-----BEG~IN PRIVATE KEY",
            // No password.
            "https://example.com/a:b@c", "https://example.com:8080/", "https://me@example.com/", "ssh://git@host:22/x",
            "git@github.com:me/repository.git", "mailto:me:you@example.com", "https://me:@example.com",
            "http://localhost:8080 and me@example.com", "https://example.com?q=a:b@c",
            // No token.
            "Authorization: Bearer <token>", "Authorization: Bearer $TOKEN", "bearer of bad news",
            "the bearer authentication-and-authorization-scheme", "Authorization: Basic $(base64)", "basic knowledge",
            // Ids.
            forty, "commit \(forty)\(forty.prefix(24))", "01a2b3c4-d5e6-7f80-9abc-def012345678", "eg-abc123",
            "sha256-\(forty)abc=",
        ].map { $0.replacing("~", with: "") }
        for miss in misses {
            let payload: Payload = ["text": .string(miss), "list": [.string("\n" + miss)]]
            #expect(payload.redacted() == payload, "\(miss)")
        }
    }

    @Test("never touches keys, numbers, order, duplicates and spelling")
    func everythingElse() throws {
        let token = "gh" + "p_" + Credential.body(36)
        let url = "https://" + #"me:pw@h\/\u00e9"#
        let json =
            #"{"\#(token)":1e400,"a":"\u0041\/","a":{"\#(token)":[12345678901234567890,"\#(url)"]},"z":"\#(token)"}"#
        let expected =
            #"{"\#(token)":1e400,"a":"\u0041\/","a":{"\#(token)":[12345678901234567890,"#
            + #""https://me:[REDACTED:url-password]@h\/\u00e9"]},"z":"[REDACTED:github-token]"}"#
        #expect(try Payload(json: json).redacted().json == expected)
        #expect(try Payload(json: "\"\(token)\"").redacted().json == #""[REDACTED:github-token]""#)
    }

    @Test("finds several in one text, one in another as well, and each only once")
    func several() {
        let (github, anthropic) = ("gh" + "p_" + Credential.body(36), "sk-" + "ant-" + Credential.body(50))
        #expect(
            redacted("\(github) \(anthropic),\(github)")
                == "[REDACTED:github-token] [REDACTED:anthropic-key],[REDACTED:github-token]"
        )
        #expect(
            redacted("https://\(github):x-oauth-basic@github.com/a")
                == "https://[REDACTED:github-token]:[REDACTED:url-password]@github.com/a"
        )
        #expect(redacted("https://\(github)@github.com/a") == "https://[REDACTED:github-token]@github.com/a")
        #expect(
            redacted("https://oauth2:\(github)@github.com/a") == "https://oauth2:[REDACTED:url-password]@github.com/a"
        )
        #expect(redacted("a://b:c@d/e://f:g@h") == "a://b:[REDACTED:url-password]@d/e://f:[REDACTED:url-password]@h")
        #expect(redacted("Authorization: Bearer \(github)") == "Authorization: Bearer [REDACTED:bearer-token]")
    }

    @Test("of what is redacted changes nothing")
    func idempotence() throws {
        var random = SeededGenerator(seed: 11)
        for _ in 0..<3_000 {
            var text = ""
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                text += Credential.all.randomElement(using: &random)?.text ?? ""
                text +=
                    ["", " ", ":", "@", "-", "_", "/", "://", ".", "\n", "\"", "é"].randomElement(using: &random) ?? ""
            }
            let once = Payload(.string(text)).redacted()
            #expect(once.redacted() == once, "\(once)")
            #expect(try Payload(json: once.json) == once)
        }
    }

    @Test("of what is redacted changes nothing, also where one credential stands in the middle of another")
    func nestedIdempotence() {
        var random = SeededGenerator(seed: 12)
        let pieces =
            Credential.all.map(\.text) + ["://", "a://b:c@d", "@", "/", " ", "[REDACTED:", "[REDACTED:a]", "]", "é"]
        for _ in 0..<20_000 {
            var text: [Character] = []
            for _ in 0..<Int.random(in: 2...6, using: &random) {
                let piece = pieces.randomElement(using: &random) ?? ""
                text.insert(contentsOf: piece, at: Int.random(in: 0...text.count, using: &random))
            }
            let once = Payload(.string(String(text))).redacted()
            #expect(once.redacted() == once, "\(String(text))")
        }
    }

    @Test(
        "changes nothing when it is done once more, also where something looks like what it puts in",
        arguments: [
            #"/me:pw@Bearer h","a:/e:pw@h","a://[REDACTED:xpw@h","a://[RRaaEDACTED:x]:yu:x]:y@z*A]"#,
            "a://[REDACTED:b://c:d@e]:f@g", "a://[REDACTED:url-password]:f@g", "a://b:[REDACTED:@]c@d",
            "a://[REDACTED:", "a://b:[REDACTED:x]c@d", "a://b:[REDACTED:x]@c@d",
            // A key with what ends an authority in it, between the user's name and the `@`.
            "a://b:c-----BEG" + "IN PRIVATE KEY-----\n/-----E" + "ND PRIVATE KEY-----@d",
            // A label that would be a key's when what stands in it has become shorter.
            "-----BEG" + "IN gh" + "p_0123456789abcdefghij0123456789abcdefghij PRIVATE KEY-----\nx",
            "-----BEG" + "IN ://:0123456789abcdefghij0123456789@PRIVATE KEY-----\nx",
        ]
    )
    func falseMarks(text: String) {
        let once = Payload(.string(text)).redacted()
        #expect(once.redacted() == once)
    }

    @Test("comes before cutting, so that no half of a credential is logged")
    func truncation() throws {
        let secret = "gh" + "p_" + Credential.body(100)
        for padding in 0..<160 {
            let event = Event(
                .taskFailed,
                payload: ["error": .string(String(repeating: "x ", count: padding) + secret)]
            )
            var line: [UInt8] = []
            event.encode(payloadLimit: 200, redactingCredentials: true, into: &line)
            let logged = String(decoding: line, as: UTF8.self)
            #expect(!logged.contains("gh" + "p_"))
            #expect(try Event(line: logged).payload.json.utf8.count <= 200)
        }
    }

    @Test("is of the logged copy, unless it is switched off; what subscribers get is whole")
    func logged() throws {
        let secret = "gh" + "p_" + Credential.body(36)
        for isOn in [true, false] {
            let directory = try TemporaryDirectory()
            var config = EventLogConfig(dataDirectory: directory.path)
            if !isOn { config.redactsCredentials = false }
            let bus = try EventBus(logging: config)
            let subscription = bus.subscribe()
            let event = Event(.taskFailed, from: "a", payload: ["error": .string("bad token \(secret)")])
            bus.publish(event)
            #expect(subscription.tryNext() == .delivery(.event(event)))
            #expect(try directory.text().contains(secret) == !isOn)
            #expect(try directory.text().contains("[REDACTED:github-token]") == isOn)
        }
    }

    @Test("takes none of 10,000 ordinary events for something else")
    func falseHits() throws {
        var random = SeededGenerator(seed: 5)
        var hits: [Payload] = []
        for _ in 0..<10_000 {
            let payload = OrdinaryPayload.make(using: &random)
            if payload.redacted() != payload { hits.append(payload) }
        }
        #expect(hits.isEmpty, "\(hits.count)")
    }

    @Test(
        "takes time in proportion to the text, whatever is in it",
        arguments: [
            "ey" + "J-", "gh" + "p_", "sk-" + "ant-", "://", "://a:", "a://[", "-----BEG" + "IN ", "bearer ",
            "gl" + "pat-.",
            "authorization: basic ", #"\u0041"#, #"\/"#, "ey" + "JAAAAAAAAAAAAAAAA.", "@:/@", "AK" + "IA",
            "T3Blbk" + "FJ",
        ]
    )
    func linear(piece: String) throws {
        // The time of this thread, which other threads and programs do not add to.
        func now() -> Double {
            var time = timespec()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
            return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
        }
        func time(_ count: Int) throws -> Double {
            let payload = try Payload(json: "\"" + String(repeating: piece, count: count) + "\"")
            let begin = now()
            _ = payload.redacted()
            return now() - begin
        }
        _ = try time(1_000)
        // A quadratic scan takes 100 times as long, one in proportion 10 times.
        var ratio = Double.infinity
        for _ in 0..<5 where ratio >= 40 { ratio = try time(60_000) / time(6_000) }
        #expect(ratio < 40)
    }
}

/// What producers put into payloads: paths, object names, ids, prose, URLs, commands.
private enum OrdinaryPayload {
    static func make(using random: inout SeededGenerator) -> Payload {
        let members = (0..<Int.random(in: 1...5, using: &random)).map { index in
            (
                ["path", "commit", "message", "command", "learning", "url", "id"][index],
                JSONValue.string(text(using: &random))
            )
        }
        return Payload(.object(members))
    }

    private static let words = """
        the task waits for a review of sk-learn and hf_transfer, disk-usage: rebase onto main; bearer basic risk-free \
        npm_lifecycle_event gh_token token key password= Authorization AKIA eyes xai- https Bearer pat -----  \
        https://example.com/a?b=c http://[::1]:8080/x ssh://git@github.com:22/me/x.git git@github.com:me/x.git me@x.org
        """.split(separator: " ").map(String.init)

    private static func characters(_ count: Int, _ alphabet: String, using random: inout SeededGenerator) -> String {
        String((0..<count).compactMap { _ in alphabet.randomElement(using: &random) })
    }

    private static func text(using random: inout SeededGenerator) -> String {
        let hex = "0123456789abcdef"
        let base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        switch Int.random(in: 0..<9, using: &random) {
        case 0: return "Sources/" + (0..<4).map { _ in word(using: &random) }.joined(separator: "/") + ".swift"
        case 1: return characters([7, 40, 64].randomElement(using: &random) ?? 40, hex, using: &random)
        case 2: return [8, 4, 4, 4, 12].map { characters($0, hex, using: &random) }.joined(separator: "-")
        case 3: return characters(Int.random(in: 20...400, using: &random), base64, using: &random) + "=="
        case 4: return characters(Int.random(in: 20...80, using: &random), base64.dropLast(2) + "-_", using: &random)
        case 5: return "curl -H 'Authorization: Bearer $TOKEN' https://api.example.com/v1/" + word(using: &random)
        case 6:
            return "https://github.com/me/" + word(using: &random) + "/commit/" + characters(40, hex, using: &random)
        case 7: return "git push origin neuraphage/" + (0..<5).map { _ in word(using: &random) }.joined(separator: "-")
        default:
            return (0..<Int.random(in: 3...60, using: &random)).map { _ in word(using: &random) }.joined(separator: " ")
        }
    }

    private static func word(using random: inout SeededGenerator) -> String {
        words.randomElement(using: &random) ?? ""
    }
}
