// kill -9 in the middle of writing: what was acknowledged is there, and nothing is glued to what was not.

import NeuraphageEvents
import TestSupport
import Testing

@Suite("A log whose writers are killed", .apart)
struct CrashTests {
    let home: Home

    init() throws { home = try Home() }

    @Test("holds every event whose id was printed, with any durability", arguments: ["os", "10ms", "always"])
    func kill(durability: String) async throws {
        let lines = (1...3_000).map {
            #"{"kind":"NudgeSent","payload":{"message":"\#($0) \#(String(repeating: "x", count: $0 % 400))"}}"#
        }
        try home.write(lines.map { $0 + "\n" }.joined(), to: home("input"))
        // Each writer is killed when it has acknowledged so many events, which is at another place in a batch each time.
        let script = #"""
            export NP_EVENTS_DURABILITY=\#(durability)
            for i in $(seq 20); do
                "$NP" emit - < <(while cat input 2> /dev/null; do :; done) > ids$i & writer=$!
                sh -c "$UNTIL" "[ \$(wc -l < ids$i) -gt $((i * 29 + RANDOM % 100)) ]"
                kill -9 $writer
                wait $writer
            done 2> /dev/null
            cat ids* > ids
            """#
        try await home.shell(script)
        let printed = String(decoding: try home.read(home("ids")), as: UTF8.self).wholeLines.filter {
            $0.utf8.count == 36
        }
        #expect(printed.count > 20 * 29)
        let result = try await home.np("events", "-o", "json")
        let logged = Set(try result.lines.map { try Event(line: $0).id.description })
        #expect(Set(printed).subtracting(logged) == [])
    }

    @Test("is readable behind every fragment, and a fragment takes nobody with it")
    func fragments() async throws {
        for number in 1...10 {
            let fragment = Sample.line(99).prefix(number * 13)
            try home.write(String(fragment), to: home.log, appending: true)
            let emitted = try await home.np("emit", "-", input: Sample.line(number) + "\n")
            #expect(emitted.lines == [Sample.id(number)])
        }
        let result = try await home.np("events")
        #expect(result.lines == (1...10).map(Sample.shown))
        #expect(result.err.contains("skipped 10 lines"))
    }

    @Test("has a whole last event taken for one, if only its newline is missing, once somebody writes on")
    func missingNewline() async throws {
        try home.write(Sample.line(1), to: home.log)
        #expect(try await home.np("events").lines == [])
        try await home.np("emit", "-", input: Sample.line(2) + "\n")
        #expect(try await home.np("events").lines == [1, 2].map(Sample.shown))
    }
}
