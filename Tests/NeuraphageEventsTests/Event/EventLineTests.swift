import TestSupport
import Testing

@testable import NeuraphageEvents

@Suite("An event's line", .apart)
struct EventLineTests {
    /// The specification's five examples, with whole ids and times.
    private static let examples: [(Event, String)] = [
        (
            Event(
                id: "019432a1-7c3e-7b10-8f00-3f2a9c4d5e6f",
                .taskStarted,
                from: "eg-abc123",
                timestamp: Timestamp(microsecondsSinceEpoch: 1_768_145_400_000_000)
            ),
            #"{"id":"019432a1-7c3e-7b10-8f00-3f2a9c4d5e6f","kind":"TaskStarted","source_task":"eg-abc123","#
                + #""target_task":null,"payload":{},"timestamp":"2026-01-11T15:30:00.000000Z"}"#
        ),
        (
            Event(
                id: "019432a2-66a0-7000-8000-000000000001",
                .mainUpdated,
                payload: ["commit": "abc123", "branch": "main"],
                timestamp: Timestamp(microsecondsSinceEpoch: 1_768_145_460_000_001)
            ),
            #"{"id":"019432a2-66a0-7000-8000-000000000001","kind":"MainUpdated","source_task":null,"#
                + #""target_task":null,"payload":{"commit":"abc123","branch":"main"},"#
                + #""timestamp":"2026-01-11T15:31:00.000001Z"}"#
        ),
        (
            Event(
                id: "019432a3-6a88-7fff-bfff-ffffffffffff",
                .rebaseRequired,
                to: "eg-abc123",
                payload: ["commits_behind": 2],
                timestamp: Timestamp(microsecondsSinceEpoch: 1_768_145_461_000_000)
            ),
            #"{"id":"019432a3-6a88-7fff-bfff-ffffffffffff","kind":"RebaseRequired","source_task":null,"#
                + #""target_task":"eg-abc123","payload":{"commits_behind":2},"timestamp":"2026-01-11T15:31:01.000000Z"}"#
        ),
        (
            Event(
                id: "019432a4-a138-7abc-9abc-0123456789ab",
                .rebaseCompleted,
                from: "eg-abc123",
                payload: ["previous": "def456", "new": "ghi789"],
                timestamp: Timestamp(microsecondsSinceEpoch: 1_768_145_475_120_000)
            ),
            #"{"id":"019432a4-a138-7abc-9abc-0123456789ab","kind":"RebaseCompleted","source_task":"eg-abc123","#
                + #""target_task":null,"payload":{"previous":"def456","new":"ghi789"},"#
                + #""timestamp":"2026-01-11T15:31:15.120000Z"}"#
        ),
        (
            Event(
                id: "019432a5-3d20-7123-8123-abcdefabcdef",
                .taskCompleted,
                from: "eg-abc123",
                payload: ["summary": "Implemented feature X"],
                timestamp: Timestamp(microsecondsSinceEpoch: 1_768_146_300_999_999)
            ),
            #"{"id":"019432a5-3d20-7123-8123-abcdefabcdef","kind":"TaskCompleted","source_task":"eg-abc123","#
                + #""target_task":null,"payload":{"summary":"Implemented feature X"},"#
                + #""timestamp":"2026-01-11T15:45:00.999999Z"}"#
        ),
    ]

    @Test("is canonical byte for byte, and reads back as the same event", arguments: examples)
    func canonical(event: Event, line: String) throws {
        #expect(event.description == line)
        let read = try Event(line: line)
        #expect(read == event)
        #expect(read.description == line)
    }

    /// What a line is read as: the event's line, or why it is none, without the place.
    private func reading(_ bytes: [UInt8]) -> String {
        do throws(LineError) {
            return try EventLine(bytes.span).event(bytes.span).description
        } catch {
            return error.description.split(separator: " at byte ").first.map(String.init) ?? ""
        }
    }

    @Test("is read the same whether it is as np writes it or not, whichever byte is another, missing, or one too many")
    func writtenHereOrNot() {
        let event = Event(
            id: "019432a2-66a0-7000-8000-000000000001",
            .custom("\u{e9}"),
            from: "a",
            payload: ["commit": "abc \n", "list": [1, true, nil, [:]]],
            timestamp: Timestamp(microsecondsSinceEpoch: 1_768_145_460_000_001)
        )
        let line = Array(event.description.utf8)
        for index in line.indices {
            var variants = [Array(line[..<index]), Array(line[..<index] + line[(index + 1)...])]
            for byte in " \t\"\\{}[],:0aZ\u{0}".utf8 + [0x80, 0xc3] {
                variants.append(line[..<index] + [byte] + line[index...])
                variants.append(line[..<index] + [byte] + line[(index + 1)...])
            }
            for variant in variants {
                // With a blank before it, it is not as np writes it.
                let (read, expected) = (reading(variant), reading([0x20] + variant))
                #expect(read == expected, "\(String(decoding: variant, as: UTF8.self))")
            }
        }
    }

    @Test("escapes quotes, backslashes and controls in every text, and nothing else")
    func escapes() throws {
        let event = Event(
            id: EventID("\"\\/\u{8}\u{c}\n\r\t\u{1}\u{1f}\u{7f}é\u{2028}😀"),
            .custom("\"\\ü"),
            from: "a\"b",
            to: "c\\d/",
            payload: ["\n": "\u{0}"],
            timestamp: Timestamp(microsecondsSinceEpoch: 0)
        )
        let line =
            #"{"id":"\"\\/\b\f\n\r\t\u0001\u001f"# + "\u{7f}é\u{2028}😀"
            + #"","kind":{"Custom":"\"\\ü"},"source_task":"a\"b","target_task":"c\\d/","#
            + #""payload":{"\n":"\u0000"},"timestamp":"1970-01-01T00:00:00.000000Z"}"#
        #expect(event.description == line)
        #expect(try Event(line: line) == event)
    }

    @Test(
        "is read in every form that other writers produce",
        arguments: [
            // Another order of keys.
            #"{"timestamp":"2026-01-11T15:30:00Z","payload":{"n":1},"target_task":"t","source_task":"s","#
                + #""kind":"TaskStarted","id":"1"}"#,
            // White space between all tokens.
            " \t{ \"id\" : \"1\" ,\r \"kind\"\t:\"TaskStarted\" , \"source_task\":  \"s\",\"target_task\" :\"t\","
                + "\"payload\" : { \"n\" : 1 } , \"timestamp\": \"2026-01-11T15:30:00Z\" } \r",
            // Extra keys, one of them with all that may be in a value.
            #"{"v":2,"id":"1","kind":"TaskStarted","x":{"id":[{"kind":null}]},"#
                + #""source_task":"s","ids":1,"target_task":"t","payload":{"n":1}"#
                + #","timestamp":"2026-01-11T15:30:00Z","v":2}"#,
            // snake_case, an offset, nanoseconds.
            #"{"id":"1","kind":"task_started","source_task":"s","target_task":"t","#
                + #""payload":{"n":1},"timestamp":"2026-01-11T11:30:00.000000999-04:00"}"#,
            // Escapes where none are needed, in keys as well.
            #"{"\u0069d":"\u0031","k\u0069nd":"Task\u0053tarted","source\u005ftask":"\u0073","#
                + #""\u0074arget_task":"t","payl\u006fad":{"n":1},"timest\u0061mp":"2026-01-11T15:30:00Z"}"#,
        ]
    )
    func foreignForms(line: String) throws {
        let expected = Event(
            id: "1",
            .taskStarted,
            from: "s",
            to: "t",
            payload: ["n": 1],
            timestamp: try moment("2026-01-11T15:30:00Z")
        )
        let read = try Event(line: line)
        let known = Event(
            id: read.id,
            read.kind,
            from: read.source,
            to: read.target,
            payload: read.payload,
            timestamp: read.timestamp
        )
        #expect(known == expected)
    }

    @Test("may leave out the tasks and the payload, or say null")
    func optionalKeys() throws {
        let short = try Event(line: #"{"id":"1","kind":"TaskStarted","timestamp":"2026-01-11T15:30:00Z"}"#)
        let null = try Event(
            line: #"{"id":"1","kind":"TaskStarted","source_task":null,"target_task":null,"#
                + #""timestamp":"2026-01-11T15:30:00Z"}"#
        )
        #expect(short == null)
        #expect(short.source == nil)
        #expect(short.target == nil)
        #expect(short.payload == .empty)
    }

    @Test(
        "keeps the text of a payload that no decoder would give back",
        arguments: [
            #"{"a":1,"a":2}"#, "{\"n\":1e400}", "12345678901234567890", "[1.0,1.00,-0,1E+2]", #""\u00e9\/""#, "null",
            #"{"s":"\ud800"}"#, #"{"id":"x","kind":3,"timestamp":null}"#,
        ]
    )
    func payloadText(json: String) throws {
        let line = #"{"id":"1","kind":"TaskStarted","source_task":null,"target_task":null,"payload":\#(json),"#
        let event = try Event(line: line + #""timestamp":"2026-01-11T15:30:00.000000Z"}"#)
        #expect(event.payload.json == json)
        #expect(event.description == line + #""timestamp":"2026-01-11T15:30:00.000000Z"}"#)
    }

    @Test("keeps members that it does not know as they came, and writes them after its own")
    func otherMembers() throws {
        let line =
            #"{"trace" : "a\u0062 c", "id":"1","kind":"TaskStarted","timestamp":"2026-01-11T15:30:00Z","n": [1, 2.50],"trace":1}"#
        let event = try Event(line: line)
        let others = #"{"trace":"a\u0062 c","n":[1,2.50],"trace":1}"#
        #expect(event.others.json == others)
        #expect(
            event.description.hasSuffix(
                #","timestamp":"2026-01-11T15:30:00.000000Z","trace":"a\u0062 c","n":[1,2.50],"trace":1}"#
            )
        )
        let again = try Event(line: event.description)
        #expect(again == event && again.description == event.description)
        let plain = try Event(line: #"{"id":"1","kind":"TaskStarted","timestamp":"2026-01-11T15:30:00Z"}"#)
        #expect(plain != event && plain.others == .empty)
    }

    @Test("takes credentials out of what it does not know, too, and cuts it, when it is logged")
    func otherMembersLogged() throws {
        let secret = Credential.all[0].secret
        let line =
            #"{"id":"1","kind":"TaskStarted","timestamp":"2026-01-11T15:30:00Z","url":"\#(secret)","long":"\#(String(repeating: "x", count: 500))"}"#
        var logged: [UInt8] = []
        try Event(line: line).encode(payloadLimit: 100, redactingCredentials: true, into: &logged)
        let text = String(decoding: logged, as: UTF8.self)
        #expect(!text.contains(secret) && text.utf8.count < 350)
        #expect(throws: Never.self) { try Event(line: text) }
    }
}
