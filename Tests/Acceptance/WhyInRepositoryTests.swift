// np why of what has happened in a repository: with real git, and with the hooks that an agent would call.

import TestSupport
import Testing

@Suite("np why in a repository", .apart)
struct WhyInRepositoryTests {
    let home: Home

    init() throws { home = try Home() }

    /// A repository with a worktree `discounts` that np records, and a session of claude in it that has a prompt.
    private static let begin = #"""
        export GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=Olga GIT_AUTHOR_EMAIL=o@example.com
        export GIT_COMMITTER_NAME=Olga GIT_COMMITTER_EMAIL=o@example.com
        set -e
        git init -q -b main shop && cd shop && printf 'a\nb\nc\n' > cart.txt && git add . && git commit -q -m one
        git worktree add -q -b neuraphage/discounts ../discounts
        "$NP" init --no-daemon > ../init.txt 2>&1
        "$NP" watch --once > /dev/null
        cd ../discounts
        hook() { echo '{"session_id":"'"${SESSION:-s1}"'","cwd":"'"$PWD"'","hook_event_name":"'"$1"'"'"$2"'}' | "$NP" hook claude > /dev/null; }
        hook SessionStart ',"source":"startup"'
        hook UserPromptSubmit ',"prompt":"add discounts"'

        """#

    @Test("tells of a conflict with the commit of main that touched the file, of a failed run, and of what is open")
    func conflict() async throws {
        let result = try await home.shell(
            Self.begin + #"""
                printf 'a\nmine\nc\n' > cart.txt && git commit -q -am 'Add discounts'
                (cd ../shop && printf 'a\ntheirs\nc\n' > cart.txt && git commit -q -am 'Change the cart')
                "$NP" watch --once ../shop > /dev/null
                "$NP" rebase 2> /dev/null || true
                "$NP" rebase 2> /dev/null || true
                (cd ../shop && git commit -q --allow-empty -m more)
                "$NP" watch --once ../shop > /dev/null
                "$NP" run -- sh -c 'exit 2' 2> /dev/null || true
                (cd ../shop && "$NP" nudge discunts 'coupons stack' --anyway > /dev/null 2>&1)
                "$NP" emit TaskFailed --task discounts error='tests red after conflict' > /dev/null
                git -C ../shop log -1 --skip=1 --format=%h --abbrev=7
                "$NP" why discounts
                """#
        )
        #expect(result.status == 0, "\(result.err)")
        let commit = try #require(result.lines.first)
        let page = Array(result.lines.dropFirst())
        #expect(page.count <= 23 && page.allSatisfy { $0.count <= 80 || $0.contains(home.path) })
        #expect(page[0].hasPrefix("discounts FAILED at "))
        #expect(page[1] == "tests red after conflict")
        for part in [
            "main \(commit) \"Change the cart\" (Olga, 1 file)", "  told to rebase, 1 behind",
            "    rebase: CONFLICT in cart.txt with \(commit), 2 times",
            "main moved once more: 2 behind, no attempt since", "run failed: sh -c 'exit 2': exit code 2",
            "        2 commits behind main", #"        a nudge to discunts: "coupons stack"  (np's guess)"#,
            "Cause?  cart.txt: \(commit) and this branch both change it  (np's guess)", "Log     complete for these",
            "Next    git -C \(home("discounts")) rebase \(commit)",
        ] { #expect(page.contains { $0.contains(part) }, "\(part)\n\(page.joined(separator: "\n"))") }
    }

    @Test("says of a session in which make test failed twice with no edit between, and that ended then, exactly that")
    func gaveUp() async throws {
        let result = try await home.shell(
            Self.begin + #"""
                fail() {
                    hook PostToolUseFailure ',"tool_name":"Bash","tool_input":{"command":"make test"},"tool_use_id":"'"$1"'","error":"1"'
                }
                fail t1
                hook Stop
                hook UserPromptSubmit ',"prompt":"again"'
                fail t2
                hook Stop
                hook SessionEnd ',"reason":"prompt_input_exit"'
                "$NP" why
                """#
        )
        #expect(result.status == 0, "\(result.err)")
        let lines = result.lines
        #expect(lines[0].hasPrefix("discounts GAVE UP at "))
        #expect(lines[1] == "make test failed twice with no edit between, and claude then gave up")
        #expect(lines.contains("Next    cd \(home("discounts")) && make test"))
    }

    @Test("says of an agent that is gone and has told nothing that it has exited, not that it works")
    func killed() async throws {
        let result = try await home.shell(
            Self.begin + #"""
                hook SessionEnd ',"reason":"prompt_input_exit"'
                cat >agent.py <<'END'
                import json, os, signal, subprocess, sys
                for event in ("SessionStart", "UserPromptSubmit", *sys.argv[1:]):
                    call = {"session_id": "s2", "cwd": os.getcwd(), "hook_event_name": event, "prompt": "go on"}
                    call |= {"tool_name": "Bash", "tool_input": {"command": "ls"}} if event == "PermissionRequest" else {}
                    subprocess.run([os.environ["NP"], "hook", "claude"], input=json.dumps(call).encode(), check=True)
                open("begun", "w")
                signal.pause()
                END
                NP=$NP python3 agent.py & agent=$!
                sh -c "$UNTIL" '[ -e begun ]'
                "$NP" why discounts | head -2
                kill -9 $agent; wait $agent || true
                "$NP" why discounts | head -2
                rm begun; NP=$NP python3 agent.py PermissionRequest & agent=$!
                sh -c "$UNTIL" '[ -e begun ]'
                "$NP" why discounts | head -2
                kill -9 $agent; wait $agent || true
                "$NP" why discounts | sed 's/^/gone: /'
                """#
        )
        let all: Comment = "\(result.out)\(result.err)"
        #expect(result.lines.first?.hasPrefix("discounts working since ") == true, all)
        #expect(result.lines.contains { $0.hasPrefix("discounts exited without a word since ") }, all)
        #expect(result.lines.contains { $0.hasPrefix("discounts ASKS YOU since ") }, all)
        #expect(result.lines.contains { $0.hasPrefix("gone: discounts exited without a word since ") }, all)
        #expect(!result.out.contains("gone: Open"), all)
    }

    @Test("says of a task that is done that its agent asks, if it does")
    func asksAfterEnd() async throws {
        let result = try await home.shell(
            Self.begin + #"""
                "$NP" emit TaskCompleted --task discounts summary=squashed > /dev/null
                hook PermissionRequest ',"tool_name":"Bash","tool_input":{"command":"ls"}'
                "$NP" why discounts
                """#
        )
        let all: Comment = "\(result.out)\(result.err)"
        #expect(result.lines.first?.hasPrefix("discounts done at ") == true, all)
        #expect(result.lines.first?.hasSuffix(" after claude began, and now ASKS YOU:") == true, all)
        #expect(
            result.lines.contains { $0.hasPrefix("Open    claude waits for you: permission to use Bash (since ") },
            all
        )
        #expect(result.lines.contains("Next    np go discounts"), all)
    }
}
