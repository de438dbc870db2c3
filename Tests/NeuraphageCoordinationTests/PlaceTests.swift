// Which task a session, a run or a message belongs to, with real git and a real np: the shell script of each test is what
// a person, an agent or an orchestrator does.

import NeuraphageEvents
import TestSupport
import Testing

@testable import NeuraphageTasks

@Suite("A worktree's task", .apart)
struct PlaceTests {
    let np: NPProcess

    init() throws {
        np = try NPProcess()
    }

    private func script(_ script: String) async throws -> [String] { try await np.lines(ofShell: script) }

    @Test("is named like its directory; where another worktree has that name, its repository's name comes before it")
    func names() async throws {
        let lines = try await script(
            """
            repo a; repo b; mkdir x; repo x/b
            git -C a worktree add -q "$top/wa/fix"; git -C b worktree add -q "$top/wb/fix"
            git -C x/b worktree add -q "$top/wx/fix"
            git -C a worktree add -q --detach "$top/1a2b/a"; git -C a worktree add -q --detach "$top/3c4d/a"
            for i in wa/fix wb/fix wx/fix a b x/b 1a2b/a 3c4d/a; do start "$top/$i" "$i"; done
            tasks
            """
        )
        #expect(
            lines == [
                "wa/fix fix", "wb/fix b/fix", "wx/fix b/fix-2", "a a", "b b", "x/b b-2", "1a2b/a a/a", "3c4d/a a/a-2",
            ]
        )
    }

    @Test("keeps its name when it is moved, when a directory above it is renamed, and when it is repaired")
    func moves() async throws {
        let lines = try await script(
            """
            repo repo
            for task in alpha beta gamma; do git -C repo worktree add -q -b $task "$top/w-$task/$task"; done
            for task in alpha beta gamma; do start "$top/w-$task/$task" $task; done
            look repo
            git -C repo worktree move "$top/w-alpha/alpha" "$top/w-alpha/elsewhere"; look repo
            mv w-beta other; look repo; git -C repo worktree repair "$top/other/beta" 2>/dev/null; look repo
            mv w-gamma away; look repo
            git -C repo commit -q --allow-empty -m second; look repo; mv away w-gamma; look repo
            for place in w-alpha/elsewhere other/beta w-gamma/gamma; do start "$top/$place" "now-$place" >/dev/null; done
            tasks | tail -n 3
            events -k TaskCancelled | wc -l
            events -k RebaseRequired | field target_task | sort
            """
        )
        #expect(
            lines == [
                "now-w-alpha/elsewhere alpha", "now-other/beta beta", "now-w-gamma/gamma gamma", "0", "alpha", "beta",
                "gamma",
            ]
        )
    }

    @Test("has ended when git has forgotten the worktree, and one that has its place is another life")
    func reusedSlot() async throws {
        let lines = try await script(
            """
            repo repo; git -C repo worktree add -q -b one "$top/slot"
            start "$top/slot" s1; "$NP" nudge slot 'for the first one' >/dev/null
            git -C repo worktree remove slot; git -C repo worktree add -q -b two "$top/slot"
            start "$top/slot" s2; prompt "$top/slot" s2; look repo; prompt "$top/slot" s2
            events -t slot -k Task | sed 's/.*"kind":"\\([^"]*\\)".*/\\1/'
            """
        )
        #expect(lines == ["TaskStarted", "TaskCancelled", "TaskStarted"])
    }

    @Test("has ended when another repository is where its own was, and the name is that one's then")
    func clonedAgain() async throws {
        let lines = try await script(
            """
            repo origin; git clone -q origin repo; git -C repo worktree add -q -b fix "$top/fix"
            git -C repo worktree add -q -b left "$top/left"
            for place in repo fix left; do start "$top/$place" "$place"; prompt "$top/$place" $place >/dev/null; done
            for place in repo fix left; do hear "$top/$place" $place SessionEnd ',"reason":"exit"'; done
            look repo
            # A directory that is made when another one is gone may get its number, and be taken for it.
            mv repo gone; git clone -q origin repo; rm -rf gone fix; look repo
            events -k TaskCancelled | source | sort
            events -k TaskCancelled | grep '"repo":"'"$top"'/repo"' | grep '"begin":"' | grep -c '"inferred":true'
            start "$top/repo" again; tasks | tail -n 1
            rm -rf left; look repo; events -k TaskCancelled | source | tail -n 1
            """
        )
        #expect(lines == ["fix", "repo", "2", "again repo", "left"])
    }

    @Test("goes on where another repository is in its place, if its own was moved or its agent lives")
    func movedAway() async throws {
        let lines = try await script(
            """
            repo origin; for repo in moved alive; do
                git clone -q origin $repo; start "$top/$repo" $repo; prompt "$top/$repo" $repo >/dev/null; look $repo
            done
            hear "$top/moved" moved SessionEnd
            mv moved elsewhere; look elsewhere; git clone -q origin moved; look moved
            rm -rf alive; git clone -q origin alive; look alive
            events -k TaskCancelled | wc -l; start "$top/moved" m; start "$top/elsewhere" e; tasks | tail -n 2
            """
        )
        #expect(lines == ["0", "m moved-2", "e moved"])
    }

    @Test("goes on where another repository is in its place in another container")
    func otherMounts() async throws {
        let outcome = try await np.script(
            NPProcess.places + """
                unshare -rm true 2>/dev/null || { echo none; exit; }
                repo repo; repo other; start "$top/repo" s1; prompt "$top/repo" s1; hear "$top/repo" s1 SessionEnd; look repo
                unshare -rm sh -c 'mount --bind other repo && "$NP" watch --once repo'
                events -k TaskCancelled | wc -l
                """
        )
        guard outcome.output != "none\n" else { return }  // mounting is not permitted here
        #expect(outcome.error == "")
        #expect(outcome.output == "0\n")
    }

    @Test("is forgotten with its worktree, unless the task goes on or has something to read")
    func forgotten() async throws {
        let lines = try await script(
            """
            repo repo; repo other
            for task in kept gone told; do git -C repo worktree add -q -b $task "$top/$task"; done; look repo
            names() { sed -n 's/.*"name":"\\([^"]*\\)".*/\\1/p' data/places | sort | tr '\\n' ' '; echo; }
            names; "$NP" nudge told 'read this' >/dev/null 2>&1
            start "$top/gone" s1; prompt "$top/gone" s1
            for task in gone told; do git -C repo worktree remove --force $task; done
            look other; names; look repo; names
            hear "$top" s1 SessionEnd; look repo; names; "$NP" inbox told --ack >/dev/null 2>&1; look repo; names
            """
        )
        let all = "gone kept other repo told "
        #expect(lines == ["gone kept repo told ", all, all, "kept other repo told ", "kept other repo "])
    }

    @Test("is none where the path is not UTF-8, and np says so and works")
    func bytes() async throws {
        let outcome = try await np.script(
            NPProcess.places + """
                repo repo; bad=$(printf 'b\\377d'); mkdir "$bad" 2>/dev/null || { echo none; exit; }
                git -C repo worktree add -q -b one "$top/$bad/one"; cd "$bad/one"
                "$NP" run -- echo ran; "$NP" emit LearningExtracted >/dev/null; "$NP" watch --once; echo $?
                "$NP" init --no-daemon 2>&1 | grep -c 'not UTF-8'
                printf '{"session_id":"s","cwd":"%s","hook_event_name":"SessionStart"}' "$PWD" | "$NP" hook claude -v; echo $?
                git commit -q --allow-empty -m second; cd "$top"; look repo; echo $?
                events -k RebaseRequired -k TaskCancelled | wc -l
                """
        )
        guard outcome.output != "none\n" else { return }  // no such names here
        #expect(outcome.output == "ran\n1\n1\n0\n0\n0\n")
        let lines = outcome.error.split(separator: "\n")
        let note = "this belongs to no worktree's task: the path of this directory is not UTF-8"
        #expect(lines.count { $0.contains(note) } == 2)
        #expect(lines.count { $0.contains("not UTF-8") } >= 3)
    }

    @Test("is another one in a copy of the repository")
    func copy() async throws {
        let lines = try await script(
            """
            repo repo; start "$top/repo" s1; cp -R repo copy; start "$top/copy" s2; start "$top/repo" s3
            tasks
            """
        )
        #expect(lines == ["s1 repo", "s2 copy", "s3 repo"])
    }

    @Test("is that of the worktree around a submodule, in any worktree and however deep")
    func submodules() async throws {
        let lines = try await script(
            """
            repo deep; repo lib; repo repo
            git -C lib -c protocol.file.allow=always submodule --quiet add "$top/deep" deep; git -C lib commit -qm deep
            git -C repo -c protocol.file.allow=always submodule --quiet add "$top/lib" sub; git -C repo commit -qm sub
            git -C repo worktree add -q -b feat "$top/feat"
            for place in repo feat; do
                git -C $place -c protocol.file.allow=always submodule --quiet update --init --recursive
            done
            start "$top/repo/sub/deep" s1; start "$top/feat/sub" s2; start "$top/feat/sub/deep" s3
            tasks
            """
        )
        #expect(lines == ["s1 repo", "s2 feat", "s3 feat"])
    }

    @Test("has a name that can be typed, whatever the directory is called, and np says so once")
    func hostileNames() async throws {
        let outcome = try await np.script(
            NPProcess.places + """
                repo repo
                long=$(printf 'x%.0s' $(seq 200)); line=$(printf 'two\\nlines')
                i=0; for name in "$long" "$line" '-dash' 'with space' 'а'; do
                    i=$((i + 1)); git -C repo worktree add -q -b b$i "$top/$name"
                    start "$top/$name" s$i
                    (cd "$top/$name" && "$NP" emit LearningExtracted >/dev/null && "$NP" emit LearningExtracted >/dev/null)
                done
                git -C repo worktree add -q -b "neuraphage/$long" "$top/given" && cd given && "$NP" emit LearningExtracted >/dev/null
                events -k LearningExtracted | field source_task | uniq
                """
        )
        let long = String(repeating: "x", count: 56)
        #expect(outcome.output == "\(long)\ntwo-lines\ndash\nwith space\nа\ngiven\n")
        let remarks = outcome.error.split(separator: "\n").filter { $0.contains("cannot be the name of a task") }
        #expect(remarks.count == 3 && outcome.error.split(separator: "\n").count == 3)
    }

    @Test("is decided once, however many ask at the same time")
    func race() async throws {
        let lines = try await script(
            """
            for repo in a b c d; do repo $repo; git -C $repo worktree add -q "$top/w$repo/fix"; done
            for round in 1 2 3; do for repo in a b c d; do start "$top/w$repo/fix" "$repo$round" & done; done; wait
            # A hook that had to wait too long leaves its session without a task, until its next prompt.
            for repo in a b c d; do start "$top/w$repo/fix" "${repo}4"; done
            tasks | grep -v null | sed 's/\\(.\\).* /\\1 /' | sort -u | wc -l
            tasks | grep -v null | sed 's/.* //' | sort -u | wc -l
            """
        )
        #expect(lines == ["4", "4"])
    }

    @Test("is told of by a message to it, but not to the life that comes after it")
    func lives() async throws {
        let lines = try await script(
            """
            repo repo; git -C repo worktree add -q "$top/fix"; start "$top/fix" s1
            "$NP" nudge fix 'for the first life' >/dev/null
            "$NP" emit TaskCompleted --task fix >/dev/null; look repo
            start "$top/fix" s2; prompt "$top/fix" s2; "$NP" inbox fix --json 2>/dev/null
            "$NP" nudge fix 'for the second life' >/dev/null
            prompt "$top/fix" s2 | grep -o 'for the .*'
            hear "$top/fix" s2 Stop
            "$NP" inbox --all | sed -n 's/.*\\(never\\|[0-9]\\) *\\(-\\|s2\\) *NudgeSent.*\\(for the.*\\)/\\2 \\3/p'
            """
        )
        #expect(lines == ["for the second life", "- for the first life", "s2 for the second life"])
    }
}

@Suite("The task of a process", .apart)
struct TaskOfProcessTests {
    let np: NPProcess

    init() throws {
        np = try NPProcess()
    }

    /// A repository with the worktrees `alpha` and `beta`.
    private static let worktrees = """
        repo repo
        for task in alpha beta; do git -C repo worktree add -q -b $task "$top/$task"; done

        """

    private func script(_ script: String) async throws -> [String] {
        try await np.lines(ofShell: Self.worktrees + script)
    }

    @Test("is that of a run as long as the run lives, and then that of its place")
    func leftEnvironment() async throws {
        let lines = try await script(
            """
            (cd alpha && "$NP" run --task given -- sh -c 'env | grep ^NP_ >../env; "$NP" emit LearningExtracted >../id')
            cd beta; export $(cat ../env); "$NP" emit LearningExtracted >/dev/null
            start "$top/beta" s1
            events -k LearningExtracted -k custom:AgentSessionStarted | source
            """
        )
        #expect(lines == ["given", "beta", "beta"])
    }

    @Test("is that of a living run in a hook only if the run has started it, or stands in the same worktree")
    func hooksOfLivingRuns() async throws {
        let lines = try await script(
            """
            start "$top/alpha" s0 # gives the worktree its name
            (cd alpha && "$NP" run --task given -- sh -c 'env | grep ^NP_ >../env.new; mv ../env.new ../env
                sh -c "$UNTIL" "[ -e ../over ]"') &
            sh -c "$UNTIL" '[ -e env ]'
            (export $(cat env); start "$top/beta" s1; start "$top/alpha" s2)
            : >over; wait
            (cd alpha && "$NP" run --task inner -- sh -c 'cd ../beta; printf "{\\"session_id\\":\\"s3\\",\\"cwd\\":\\"$PWD\\",\\"hook_event_name\\":\\"SessionStart\\"}" | "$NP" hook claude')
            events -k custom:AgentSessionStarted | source
            """
        )
        #expect(lines == ["alpha", "beta", "given", "inner"])
    }

    @Test("is what an orchestrator says that is not np, wherever the process is")
    func statement() async throws {
        let lines = try await script(
            """
            export NP_TASK=theirs; start "$top/alpha" s1; (cd beta && "$NP" emit LearningExtracted >/dev/null)
            events -k LearningExtracted -k custom:AgentSessionStarted | source
            """
        )
        #expect(lines == ["theirs", "theirs"])
    }

    @Test(
        "stays that of the worktree where the session began, wherever the agent goes, until it says that it has moved"
    )
    func driftingSession() async throws {
        let lines = try await script(
            """
            start "$top/alpha" s1
            hear "$top/beta" s1 UserPromptSubmit ',"prompt":"x"'
            hear "$top/beta" s1 PostToolUse ',"tool_name":"EnterWorktree","tool_input":{}'
            hear "$top/alpha" s1 Stop
            events -k custom:AgentTurnStarted -k custom:AgentTurnEnded -k TaskStarted | source
            """
        )
        #expect(lines == ["alpha", "alpha", "beta", "beta"])
    }

    @Test("is bound later, once, if the session began where there is none")
    func lateBinding() async throws {
        let lines = try await script(
            """
            mkdir none; start "$top/none" s1
            hear "$top/alpha" s1 UserPromptSubmit ',"prompt":"x"'; hear "$top/beta" s1 UserPromptSubmit ',"prompt":"x"'
            events -k custom:AgentTurnStarted | source
            """
        )
        #expect(lines == ["alpha", "alpha"])
    }

    @Test("is the one of this worktree where '.' is typed, whatever NP_TASK says")
    func dot() async throws {
        let lines = try await script(
            """
            cd beta; "$NP" emit LearningExtracted >/dev/null; "$NP" emit TaskStarted --task foo >/dev/null
            export NP_TASK=foo; events -t . | source
            "$NP" emit NudgeSent --to . text=x >/dev/null; "$NP" inbox . --json | grep -c '"target_task":"beta"'
            """
        )
        #expect(lines == ["beta", "1"])
    }

    @Test("can only be named in nudge, inbox, rebase and events if there is one of that name; --anyway nudges it")
    func unknown() async throws {
        let outcome = try await np.script(
            NPProcess.places + Self.worktrees + """
                start "$top/alpha" s1; cd alpha
                "$NP" nudge alhpa x; echo $?; "$NP" inbox alhpa; echo $?; "$NP" rebase alhpa; echo $?
                "$NP" events -t alhpa; echo $?
                "$NP" nudge alhpa x --anyway >/dev/null; echo $?; "$NP" inbox alhpa --json | wc -l
                """
        )
        #expect(outcome.output == "64\n64\n64\n64\n0\n1\n")
        let sentences = outcome.error.split(separator: "\n")
        #expect(sentences.filter { $0.contains("there is no task 'alhpa'") }.count == 4)
        #expect(outcome.error.components(separatedBy: "did you mean 'alpha'?").count == 5)
    }

    @Test("can be named as soon as git has made its worktree, before anything has looked there")
    func fresh() async throws {
        let outcome = try await np.script(
            NPProcess.places + Self.worktrees + """
                start "$top/alpha" s1; git -C repo worktree add -q -b fresh ../fresh
                "$NP" events -t fresh; "$NP" nudge fresh x >/dev/null; echo $?; "$NP" inbox fresh --json | wc -l
                git -C repo worktree remove ../fresh; git -C repo worktree add -q ../fresher
                mv fresher away; "$NP" nudge fresher x; echo $?
                """
        )
        #expect(outcome.output == "0\n1\n64\n")
        #expect(outcome.error.contains("there is no task 'fresher'"))
        #expect(!outcome.error.contains("there is no task 'fresh'"))
    }

    @Test("is not told anything by the name of its worktree where the branch names it")
    func nameOfWorktree() async throws {
        let outcome = try await np.script(
            NPProcess.places + Self.worktrees + """
                start "$top/alpha" s1; git -C repo worktree add -q -b neuraphage/eg-seven ../seven
                "$NP" nudge seven x; echo $?; "$NP" nudge eg-seven x >/dev/null; echo $?
                "$NP" nudge seven x --anyway >/dev/null 2>&1; echo $?
                """
        )
        #expect(outcome.output == "64\n0\n0\n")
        #expect(outcome.error.contains("the task of the worktree 'seven' is 'eg-seven', as its branch says"))
    }

    @Test("is none, for a reason that is said, where .git points nowhere")
    func brokenPlace() async throws {
        let outcome = try await np.script(
            NPProcess.places + Self.worktrees + """
                mv repo moved; cd alpha; "$NP" events -t .; echo $?
                """
        )
        #expect(outcome.output == "1\n")
        #expect(outcome.error.contains("/alpha/.git points to ") && outcome.error.contains("there is no repository"))
        #expect(outcome.error.contains("git worktree repair"))
    }
}

extension String {
    fileprivate func components(separatedBy separator: String) -> [String] {
        var parts: [String] = []
        var rest = self[...]
        while let range = rest.firstRange(of: separator) {
            parts.append(String(rest[..<range.lowerBound]))
            rest = rest[range.upperBound...]
        }
        return parts + [String(rest)]
    }
}
