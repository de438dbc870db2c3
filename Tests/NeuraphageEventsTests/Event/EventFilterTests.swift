import TestSupport
import Testing

@testable import NeuraphageEvents

@Suite("A filter", .apart)
struct EventFilterTests {
    private let noon = Timestamp(microsecondsSinceEpoch: 1_768_132_800_000_000)

    private func event(
        _ kind: EventKind = .syncRelayed,
        from source: TaskID? = nil,
        to target: TaskID? = nil,
        payload: Payload = .empty
    ) -> Event {
        Event(id: "1", kind, from: source, to: target, payload: payload, timestamp: noon)
    }

    private func matches(_ event: Event, text: String) -> Bool {
        var filter = EventFilter()
        filter.text = text
        return filter.matches(event)
    }

    private func matches(_ event: Event, where path: [String], _ value: String) -> Bool {
        var filter = EventFilter()
        filter.conditions = [EventFilter.Condition(path: path, value: value)]
        return filter.matches(event)
    }

    @Test("without conditions takes everything")
    func empty() {
        #expect(EventFilter().isEmpty)
        #expect(EventFilter().matches(event()))
        #expect(!EventFilter(tasks: ["a"]).isEmpty)
    }

    @Test("by kinds takes any of them")
    func kinds() throws {
        let filter = EventFilter(kinds: [.names(matching: "rebase*"), .custom(matching: "d*")])
        #expect(filter.matches(event(.rebaseConflict)))
        #expect(filter.matches(event(.custom("deploy"))))
        #expect(!filter.matches(event(.taskStarted)))
        #expect(!filter.matches(event(.custom("other"))))
    }

    @Test("by tasks sees a task as source and as target, and never an event without a task")
    func tasks() {
        let filter = EventFilter(tasks: ["a", "b"])
        #expect(filter.matches(event(from: "a")))
        #expect(filter.matches(event(to: "a")))
        #expect(filter.matches(event(from: "x", to: "b")))
        #expect(filter.matches(event(from: "b", to: "x")))
        #expect(!filter.matches(event(from: "x", to: "y")))
        #expect(!filter.matches(event()))
        #expect(!filter.matches(event(from: "A")))
    }

    @Test("by time includes both ends")
    func time() {
        let tick = Duration.microseconds(1)
        #expect(EventFilter(since: noon).matches(event()))
        #expect(!EventFilter(since: noon + tick).matches(event()))
        #expect(EventFilter(until: noon).matches(event()))
        #expect(!EventFilter(until: noon - tick).matches(event()))
        #expect(EventFilter(since: noon, until: noon).matches(event()))
    }

    @Test("takes only what passes all of its conditions")
    func all() throws {
        let kinds = [KindPattern([.syncRelayed])]
        #expect(EventFilter(kinds: kinds, tasks: ["a"], since: noon, until: noon).matches(event(from: "a")))
        #expect(!EventFilter(kinds: kinds, tasks: ["b"], since: noon, until: noon).matches(event(from: "a")))
        #expect(!EventFilter(kinds: kinds, tasks: ["a"]).matches(event(.taskStarted, from: "a")))
    }

    @Test(
        "by text looks at kind, tasks, and the payload's keys and values; upper case counts only where it is asked for",
        arguments: [
            ("sync", true), ("syncrelayed", true), ("SyncR", true), ("syncR", false), ("eg-src", true),
            ("EG-SRC", false), ("target", true), ("learn", true), ("Learn", false), ("fix the build", true),
            ("Fix the Build", true), ("FIX", false), ("42", true), ("true", true), ("null", true), ("naïve", true),
            ("quo\"te", true), ("two\nlines", true), ("deep inside", true), ("absent", false), ("{", false),
            (":", false), ("\\", false), ("", true),
        ]
    )
    func text(text: String, isFound: Bool) throws {
        let payload = try Payload(
            json: #"""
                {"learning":"Fix the Build","n":42,"b":true,"z":null,"u":"na\u00efve","q":"quo\"te","l":"two\nlines",
                "o":{"a":[1,["Deep inside"]]}}
                """#
        )
        let event = event(from: "eg-src", to: "the-target", payload: payload)
        #expect(matches(event, text: text) == isFound)
    }

    @Test(
        "by a value in the payload follows keys and array positions",
        arguments: [
            (["commit"], "abc", true), (["commit"], "ab", false), (["n"], "2", true), (["n"], "2.0", false),
            (["a", "b", "c"], "deep", true), (["a", "b"], #"{"c":"deep"}"#, true), (["list", "1"], "two", true),
            (["list", "2"], "", false), (["list", "0", "x"], "true", true), (["none"], "null", true),
            (["absent"], "null", false), (["commit", "x"], "abc", false), (["twice"], "first", true),
            (["twice"], "second", false), (["es\"c"], "é😀", true), ([""], "empty key", true), (["a", "d"], "", false),
        ] as [([String], String, Bool)]
    )
    func conditions(path: [String], value: String, isMet: Bool) throws {
        let payload = try Payload(
            json: #"""
                {"commit":"abc","n":2,"a":{"x":[{"c":0}],"b":{"c":"deep"}},"list":[{"x":true},"two"],"none":null,
                "twice":"first","twice":"second","es\"c":"\u00e9\ud83d\ude00","":"empty key"}
                """#
        )
        #expect(matches(event(payload: payload), where: path, value) == isMet)
    }

    @Test(
        "by a value finds nothing in a payload that is no object",
        arguments: ["null", "3", "\"commit\"", "[]", "{}"]
    )
    func scalars(json: String) throws {
        #expect(!matches(event(payload: try Payload(json: json)), where: ["commit"], "abc"))
    }

    @Test("by text finds the same in plain ASCII, behind escapes, and in other scripts")
    func scripts() throws {
        let payloads = [
            #"{"a":"Über \u212Aelvin"}"#, #"{"a":"\u212Aelvin \#u{212A}"}"#, #"{"a":"x\ny"}"#, #"{"a":"ab","b":"cd"}"#,
            #"{"a":"plain TEXT 12.5e3"}"#, #"{"a":"\u0041bc"}"#, #"{"a":["tail"]}"#, "{}",
        ]
        let texts = [
            "über", "Ü", "k", "K", "x", "x\ny", #"b","b"#, "ab", "text", "TEXT", "Text", "12.5", "abc", "Abc", "tail",
            "",
        ]
        for json in payloads {
            let event = event(.custom("q"), payload: try Payload(json: json))
            for text in texts {
                let isExact = text.contains(where: \.isUppercase)
                func contains(_ candidate: String) -> Bool {
                    isExact ? candidate.contains(text) : candidate.lowercased().contains(text.lowercased())
                }
                let isThere = contains("custom:q") || event.payload.containsToken(where: contains)
                #expect(matches(event, text: text) == isThere, "\(text) in \(json)")
            }
        }
    }
}
