// np wait: the next event that matches, or none in time.

import TestSupport
import Testing

@Suite("np wait", .apart)
struct WaitCommandTests {
    let home: Home

    init() throws { home = try Home() }

    @Test("prints the first event that matches from now on, whatever came before, and exits with 0")
    func next() async throws {
        try home.write(log: [Sample.line(1, "RebaseCompleted", task: #""a""#)])
        // Until the waiter has opened the log, an event is too early.
        try home.write(
            """
            $NP emit RebaseConflict --task a && $NP emit RebaseCompleted --task b && $NP emit RebaseCompleted --task a >> ids
            test -s out
            """,
            to: home("try")
        )
        let result = try await home.shell(
            """
            "$NP" wait -k RebaseCompleted -t a --timeout 2m -o raw > out 2> err & waiter=$!
            sh -c "$UNTIL" 'sh try > /dev/null' || exit 9
            wait $waiter; echo $?
            """
        )
        #expect(result.lines == ["0"], "\(result.err)")
        let out = String(decoding: try home.read(home("out")), as: UTF8.self).wholeLines
        let ids = String(decoding: try home.read(home("ids")), as: UTF8.self).wholeLines
        #expect(out.count == 1 && out[0].contains(#""source_task":"a""#) && out[0].contains("RebaseCompleted"))
        #expect(ids.contains { out[0].contains($0) })
    }

    @Test("exits with 3 if nothing comes in time, and waits for a log that there is not yet")
    func late() async throws {
        let late = try await home.np("wait", "-k", "MainUpdated", "--timeout", "100ms")
        #expect(late.status == 3 && late.out == "" && late.errorLines == ["np: no such event came in time"])
    }

    @Test("refuses kinds that there are not or that are not logged, and says what to do instead")
    func kinds() async throws {
        let unknown = try await home.np("wait", "-k", "MainUpdatd", "--timeout", "0")
        #expect(unknown.status == 64 && unknown.err.contains("did you mean MainUpdated"))
        let ephemeral = try await home.np("wait", "-k", "TaskWaitingForUser", "--timeout", "0")
        #expect(ephemeral.status == 64 && ephemeral.err.contains("is not logged"))
        #expect(ephemeral.err.contains("AgentWaiting is logged"))
        let pattern = try await home.np("wait", "-k", "Nothing*", "--timeout", "0")
        #expect(pattern.status == 64 && pattern.err.contains("no kind is called 'Nothing*'"))
        let program = try await home.np("wait", "-k", "custom:Deployed", "--timeout", "0")
        #expect(program.status == 3 && program.err.contains("events.durable_custom"))
        let all = try await home.np("wait", "--timeout", "0")
        #expect(all.status == 64 && all.err.contains("for what?"))
    }

    @Test("ends when its reader is gone")
    func readerGone() async throws {
        let result = try await home.shell(#"("$NP" wait -k MainUpdated; echo $? > code) | true; cat code"#)
        #expect(result.lines == ["0"])
    }
}
