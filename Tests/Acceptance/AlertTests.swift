// How the user is told: a daemon runs their command when an agent waits, or something failed or was lost.

import TestSupport
import Testing

@Suite("The user is told", .apart)
struct AlertTests {
    private let home: Home

    init() throws {
        home = try Home()
    }

    private func configure(_ lines: String) throws {
        try home.write(
            "[agents]\nrecord = \"all\"\n\n[notify]\n" + lines,
            to: home(".config/neuraphage/neuraphage.toml")
        )
    }

    /// Hooks of an agent that works for `t-1`: `hear SESSION EVENT [MEMBERS]`. It waits for permission to write, and goes on.
    private static let agent = #"""
        export NP_TASK=t-1
        hear() { printf '{"session_id":"%s","cwd":"/","hook_event_name":"%s"%s}' "$1" "$2" "${3:-}" | "$NP" hook claude; }
        tool=',"tool_name":"Write","tool_input":{"file_path":"/a"}'
        wait_for() { hear "$1" PermissionRequest "$tool"; }
        go_on() { hear "$1" PostToolUse "$tool"; }

        """#

    private func told() -> [String] {
        (try? home.read(home("told"))).map { String(decoding: $0, as: UTF8.self).wholeLines } ?? []
    }

    private func daemonSays() -> String {
        (try? home.read(home.dataDirectory + "/daemon.log")).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    @Test("that an agent waits, by a command that finds the event in its environment; once, also by the next daemon")
    func waits() async throws {
        try configure("on_wait = \"sh ~/tell\"\ngrace = \"1s\"\n")
        try home.write(
            #"""
            cat >"$HOME/input"; pwd >"$HOME/place"; env | grep -E '^NP_(TASK|RUN|DATA_DIR)=' >"$HOME/variables"
            '\#(Home.np)' events --last 1 -o json >/dev/null 2>"$HOME/complaints"
            printf %s "$NP_EVENT" >"$HOME/$NP_EVENT_ID"
            echo "$NP_EVENT_KIND $NP_EVENT_ID $NP_EVENT_TASK $NP_EVENT_TEXT" >>"$HOME/told"
            """#,
            to: home("tell")
        )
        let done = try await home.shell(
            Self.agent + #"""
                wait_for short; go_on short; wait_for long
                "$NP" daemon start >/dev/null
                sh -c "$UNTIL" '[ -s told ]'
                "$NP" daemon stop >/dev/null && "$NP" daemon start >/dev/null
                wait_for later
                sh -c "$UNTIL" '[ $(wc -l <told) = 2 ]'
                "$NP" daemon stop >/dev/null
                """#
        )
        #expect(done.err == "" && done.status == 0)
        let waits = try home.logged.filter { $0.contains("AgentWaiting") && !$0.contains(#""short""#) }
        #expect(waits.count == 2 && told().count == 2)
        for (line, told) in zip(waits, told()) {
            let id = String(line.split(separator: "\"")[3])
            #expect(told == "AgentWaiting \(id) t-1 AgentWaiting: claude, permission, Write")
            #expect(try String(decoding: home.read(home(id)), as: UTF8.self) == line)
        }
        #expect(try home.read(home("input")) == [] && home.read(home("complaints")) == [])
        #expect(try home.read(home("place")) == Array("/\n".utf8))
        #expect(
            try String(decoding: home.read(home("variables")), as: UTF8.self) == "NP_DATA_DIR=\(home.dataDirectory)\n"
        )
    }

    @Test(
        "what failed and what was lost, each by its own command, and never by a part of what another program has written"
    )
    func problems() async throws {
        try configure(
            #"""
            on_failed = 'echo "failed $NP_EVENT_TASK $NP_EVENT_TEXT" >>~/told'
            on_lost = 'echo "lost $NP_EVENT_TASK $NP_EVENT_KIND" >>~/told'

            """#
        )
        let done = try await home.shell(
            Self.agent + #"""
                "$NP" daemon start >/dev/null
                "$NP" emit TaskFailed --task t-2 error='$(touch pwned) `touch pwned`; touch pwned' >/dev/null
                sh -c "$UNTIL" 'grep -qs failed told'
                "$NP" emit TaskCompleted --task t-3 >/dev/null
                python3 -c '
                import os, subprocess
                call = "{\"session_id\":\"gone\",\"cwd\":\"/\",\"hook_event_name\":\"SessionStart\"}"
                subprocess.run([os.environ["NP"], "hook", "claude"], input=call, text=True)
                '
                sh -c "$UNTIL" 'grep -qs lost told'
                "$NP" daemon stop >/dev/null; ls / ~ | grep pwned
                """#
        )
        #expect(done.err == "" && done.out == "")
        #expect(
            told() == [
                "failed t-2 TaskFailed: $(touch pwned) `touch pwned`; touch pwned", "lost t-1 AgentSessionEnded",
            ]
        )
    }

    @Test(
        "or not, if their command fails, does not exist, or hangs: the daemon says so in its own log, once, and goes on"
    )
    func failing() async throws {
        try configure(
            #"""
            on_wait = "no-such-command"
            grace = "0"
            on_failed = "[ -e ~/works ] || exit 3"
            on_lost = "echo $$ >~/pid; sleep 1000 & sleep 1000"

            """#
        )
        let done = try await home.shell(
            Self.agent + #"""
                log=.local/share/neuraphage/daemon.log
                printf '{"id":"1","kind":{"Custom":"LogGap"},"source_task":null,"target_task":null,"payload":{"lost":1},' >gap
                echo "\"timestamp\":\"$(date -u +%Y-%m-%dT%H:%M:%S.000000Z)\"}" >>gap
                "$NP" emit TaskStarted --task t-1 >/dev/null && cat gap >>.local/share/neuraphage/event_log.jsonl
                "$NP" daemon start >/dev/null
                wait_for one; wait_for two
                sh -c "$UNTIL" "grep -q 'notify.on_wait exited with 127' $log"
                for i in 1 2 3; do "$NP" emit TaskFailed --task t-$i error=x >/dev/null; done
                sh -c "$UNTIL" "grep -q 'notify.on_failed exited with 3' $log"
                touch works; "$NP" emit TaskFailed --task t-4 error=x >/dev/null
                sh -c "$UNTIL" "grep -q 'notify.on_failed works again' $log"
                sh -c "$UNTIL" "grep -q 'notify.on_lost took too long and was killed' $log"
                sh -c "$UNTIL" "! kill -0 -$(cat pid) 2>/dev/null"
                "$NP" daemon status | grep -c ^state; "$NP" daemon stop >/dev/null
                """#
        )
        #expect(done.err == "" && done.lines == ["1"], "\(daemonSays())")
        for words in ["on_wait exited with 127", "on_failed exited with 3", "on_lost took too long"] {
            #expect(daemonSays().ranges(of: words).count == 1, "\(daemonSays())")
        }
    }

    @Test("of nothing where they want no command, and the default shows waits where there is notify-send")
    func settings() async throws {
        let shown = try await home.np("config").lines
        #expect(shown.contains { $0.hasPrefix("notify.on_wait = \"if command -v notify-send >/dev/null; then ") })
        #expect(
            shown.contains { $0.hasPrefix("notify.on_failed = \"\" ") }
                && shown.contains { $0.hasPrefix("notify.grace = \"30s\"") }
        )
        try configure("on_wait = \"\"\ngrace = \"2h\"\n")
        #expect(try await home.np("config").err.contains("notify.grace must be an interval such as \"30s\""))

        try configure("grace = \"0\"\n")
        try home.write("#!/bin/sh\nprintf '%s|' \"$@\" >>~/told; echo >>~/told\n", to: home("bin/notify-send"))
        let done = try await home.shell(
            Self.agent + #"""
                chmod +x bin/notify-send; PATH=$PWD/bin:$PATH "$NP" daemon start >/dev/null
                wait_for one; sh -c "$UNTIL" '[ -s told ]'; "$NP" daemon stop >/dev/null
                """#
        )
        #expect(done.err == "" && told() == ["-a|np|--|t-1: AgentWaiting: claude, permission, Write|"])
    }
}
