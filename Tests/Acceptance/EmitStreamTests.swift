// np emit -: events from another program, line by line or in bulk, and from many at once.

import NeuraphageEvents
import TestSupport
import Testing

@Suite("np emit -", .apart)
struct EmitStreamTests {
    let home: Home

    init() throws { home = try Home() }

    @Test("fills in what is missing, and keeps what is given")
    func fillsIn() async throws {
        let given = Sample.line(
            7,
            "TaskStarted",
            task: #""eg-1""#,
            payload: #"{"a":1}"#,
            time: "2026-01-11T15:30:00.500000Z"
        )
        let result = try await home.np("emit", "-", input: #"{"kind":"TaskFailed"}"# + "\n" + given + "\n\n")
        #expect(result.status == 0 && result.err == "")
        let logged = try home.logged
        #expect(logged.last == given)
        let filled = try Event(line: try #require(logged.first))
        #expect(filled.kind == .taskFailed && filled.payload.json == "{}" && filled.source == nil)
        #expect(result.lines == [filled.id.description, Sample.id(7)])
        #expect(try await home.np("events", "--since", "1h").lines.count == 1)
    }

    @Test("takes a last line without a newline, and Windows line ends")
    func lastLine() async throws {
        let result = try await home.np("emit", "-", input: "{\"kind\":\"TaskFailed\"}\r\n{\"kind\":\"task_started\"}")
        #expect(result.lines.count == 2)
        #expect(try home.logged.map { try Event(line: $0).kind } == [.taskFailed, .taskStarted])
    }

    @Test("reports a bad line with its number, and logs the others")
    func badLines() async throws {
        let bad = [
            "{", "[]", #"{"kind":"TaskStated"}"#, #"{"id":"1"}"#, #"{"kind":"FileModified"}"#,
            #"{"kind":{"Custom":"x"}}"#,
            #"{"kind":"TaskStarted","source_task":""}"#, #"{"kind":"TaskStarted","target_task":"a\u001b"}"#,
            #"{"kind":"TaskStarted","timestamp":"now"}"#, #"{"kind":"TaskStarted","kind":"TaskStarted"}"#,
            #"{"kind":"TaskStarted","source_task":7}"#,
        ]
        let input = bad.map { $0 + "\n" + #"{"kind":"TaskStarted"}"# + "\n" }.joined()
        let result = try await home.np("emit", "-", input: input)
        #expect(result.status == 1)
        #expect(result.lines.count == bad.count)
        #expect(try home.logged.count == bad.count)
        for index in bad.indices { #expect(result.err.contains("line \(index * 2 + 1): "), "\(bad[index])") }
        #expect(result.errorLines.count == bad.count + 1)
        #expect(result.errorLines[2].contains("did you mean TaskStarted"))
        #expect(result.errorLines.last?.contains("\(bad.count) lines were not logged") == true)
    }

    @Test("refuses a line over 4 MiB and goes on")
    func longLine() async throws {
        let long = #"{"kind":"TaskStarted","payload":""# + String(repeating: "x", count: 5 << 20) + #""}"#
        let result = try await home.np("emit", "-", input: long + "\n" + #"{"kind":"TaskFailed"}"# + "\n")
        #expect(result.status == 1)
        #expect(result.lines.count == 1)
        #expect(result.err.contains("line 1: the line is longer than 4 MiB"))
        #expect(try home.logged.count == 1)
    }

    @Test("refuses what no reader would take, each with its reason, and goes on")
    func beyondLimits() async throws {
        let deep = String(repeating: "[", count: 65) + String(repeating: "]", count: 65)
        let wide = "[" + Array(repeating: "{}", count: 200_000).joined(separator: ",") + "]"
        let number = String(repeating: "7", count: 1_025)
        let payloads = [deep, "{}", wide, "{}", number, "{}"]
        let lines = payloads.map { #"{"kind":"TaskStarted","payload":\#($0)}"# + "\n" }
        let result = try await home.np("emit", "-", input: lines.joined())
        #expect(result.status == 1)
        #expect(result.lines.count == 3)
        #expect(try home.logged.count == 3)
        for reason in [
            "line 1: objects and arrays lie in each other more than 64 deep",
            "line 3: there are more than 100000 values",
            "line 5: a number has more than 1024 characters",
        ] {
            #expect(result.err.contains(reason), "\(result.err)")
        }
    }

    @Test("takes nothing else")
    func alone() async throws {
        #expect(try await home.np("emit", "-", "--task", "eg-1").status == 64)
        #expect(try await home.np("emit", "-", "a=1").status == 64)
    }

    @Test("acknowledges a line before the next one comes, and a line that comes in pieces once it is whole")
    func interactive() async throws {
        let status = try await home.np(["emit", "-"]) { running in
            for number in 1...3 {
                try await running.say(Sample.line(number) + "\n")
                #expect(try await running.nextLine() == Sample.id(number))
                #expect(try home.logged.count == number)
            }
            let line = Sample.line(4)
            try await running.say(String(line.prefix(50)))
            try await running.say(line.dropFirst(50) + "\n")
            #expect(try await running.nextLine() == Sample.id(4))
        }
        #expect(status == 0)
    }

    @Test("loses nothing when nobody reads the ids any more")
    func outputClosed() async throws {
        try home.write((1...3_000).map { Sample.line($0) + "\n" }.joined(), to: home("input"))
        let result = try await home.shell("\"$NP\" emit - < input | head -n 1; exit ${PIPESTATUS[0]}")
        #expect(result.lines == [Sample.id(1)])
        #expect(try home.logged == (1...3_000).map { Sample.line($0) })
        let closed = try await home.shell("\"$NP\" emit - < input >&-")
        #expect(closed.err.contains("Fatal") == false)
        #expect(try home.logged.count == 6_000)
        #expect(try await home.np("events", "-n", "6001").err == "")
    }

    @Test("keeps the lines of four processes that write at once whole, and every acknowledged one")
    func fourProcesses() async throws {
        for writer in 1...4 {
            let lines = (1...5_000).map {
                #"{"kind":"NudgeSent","source_task":"w-\#(writer)","payload":{"n":\#($0)}}"# + "\n"
            }
            try home.write(lines.joined(), to: home("input\(writer)"))
        }
        let script = #"for i in 1 2 3 4; do "$NP" emit - < input$i > ids$i & done; wait"#
        let result = try await home.shell(script)
        #expect(result.err == "")

        let events = try home.logged.map { try Event(line: $0) }
        #expect(events.count == 20_000)
        let ids = events.map(\.id.description)
        #expect(Set(ids).count == 20_000)
        var printed: [String] = []
        for writer in 1...4 {
            printed += String(decoding: try home.read(home("ids\(writer)")), as: UTF8.self).wholeLines
            let own = events.filter { $0.source?.description == "w-\(writer)" }
            #expect(own.map(\.payload.json) == (1...5_000).map { #"{"n":\#($0)}"# })
        }
        #expect(printed.sorted() == ids.sorted())
        #expect(try await home.np("events", "-n", "20001").err == "")
    }
}
