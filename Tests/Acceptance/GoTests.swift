// np go, with a real tmux and a process that calls np's hook as an agent does.

import NeuraphagePlatform
import TestSupport
import Testing

@Suite("np go", .enabled(if: Script.finds("tmux"), "tmux is not installed"), .apart)
struct GoTests {
    private let home: Home

    init() throws {
        home = try Home()
        try home.write(
            """
            import os, subprocess, sys
            call = '{"session_id":"%s","cwd":"%s","hook_event_name":"SessionStart"}' % (sys.argv[1], os.getcwd())
            subprocess.run([os.environ["NP"], "hook", "claude"], input=call, text=True)
            open(os.environ["HOME"] + "/begun-" + sys.argv[1], "w").write(f"{os.getpid()}\\n")
            while True: sys.stdin.read() or __import__("signal").pause()

            """,
            to: home("agent.py")
        )
    }

    /// A tmux server of the test's own, and agents in it: `agent SESSION [TMUX COMMAND…]`.
    private static let begin = #"""
        export NP_AGENTS_RECORD=all NP_TASK=t-1
        server() { tmux -S "$HOME/s" -f /dev/null "$@"; }
        trap 'server kill-server 2>/dev/null' EXIT
        agent() {
            name=$1; shift
            server "$@" -d -P -F '#{pane_id}' "exec python3 $HOME/agent.py $name" >pane-$name
            sh -c "$UNTIL" "[ -s begun-$name ]"
        }
        go() { "$NP" go "$@" 2>err </dev/null; code=$?; sed 's/, since .*Z/, since T/' err; return $code; }

        """#

    private func run(_ script: String) async throws -> [String] {
        let done = try await home.shell(Self.begin + script)
        #expect(done.err == "")
        return done.lines
    }

    @Test("shows the agent's pane to the client in whose tmux it is typed, whatever windows and panes are called")
    func inside() async throws {
        let lines = try await run(
            #"""
            server new-session -d -s here -x 80 -y 24 "tail -f /dev/null"
            agent s-1 new-session -s "evil##(touch pwned)"
            server split-window -d -t "$(cat pane-s-1)" cat
            server rename-window -t "$(cat pane-s-1)" "$(printf '\033]0;x\007##(touch pwned)$(touch pwned)')"
            server select-pane -t "$(cat pane-s-1)" -T "$(printf '\033[31m#{q:x}')"
            server select-pane -t "$(cat pane-s-1)" -D
            server new-window -t "$(server display -p -t "$(cat pane-s-1)" '#{session_id}'):" cat
            (TERM=xterm script -qfec "tmux -S '$HOME/s' attach -t here" /dev/null >shown 2>&1 </dev/null &)
            sh -c "$UNTIL" '[ "$(tmux -S s list-clients -F "#{client_session}")" = here ]'
            server new-window -d -t here "'$NP' go t-1 >out 2>err; echo \$? >code"
            sh -c "$UNTIL" '[ -s code ]'; cat code out; sed 's/, since .*Z/, since T/' err
            sh -c "$UNTIL" '[ "$(tmux -S s list-clients -F "#{pane_id}")" = "$(cat pane-s-1)" ]' && echo shown
            ls | grep pwned
            """#
        )
        #expect(lines == ["0", "np: Claude Code, session s-1, since T", "shown"])
        #expect(try home.logged.contains { $0.contains(#""program":"tmux","server":"\#(home.path)/s","pane":"%1""#) })
    }

    @Test("attaches a terminal outside of tmux, and prints how to get there where there is no terminal")
    func outside() async throws {
        let lines = try await run(
            #"""
            server new-session -d -s other -x 80 -y 24 "cat"
            agent s-1 new-session -s work; server new-window -t work cat
            go t-1; go t
            script -qfec "'$NP' go t-1; echo \$? >code" /dev/null >shown 2>&1 </dev/null &
            sh -c "$UNTIL" '[ "$(tmux -S s list-clients -F "#{pane_id}")" = "$(cat pane-s-1)" ]'
            server detach-client -s work
            sh -c "$UNTIL" '[ -s code ]'; cat code; wait
            """#
        )
        let said = ["np: Claude Code, session s-1, since T", "np: it is in tmux"]
        let path = home.path
        #expect(
            lines == ["tmux -S \(path)/s attach -t '$1'"] + said + ["tmux -S \(path)/s attach -t '$1'"] + said + ["0"]
        )
    }

    @Test("names no pane in which it does not see the agent: one that is gone, another program's, or only inherited")
    func unseen() async throws {
        let lines = try await run(
            #"""
            server new-session -d -s work -x 80 -y 24 cat
            # It has outlived its pane.
            server new-window -d "setsid python3 $HOME/agent.py s-1 </dev/null >/dev/null 2>&1 & sh -c '$UNTIL' '[ -s begun-s-1 ]'"
            sh -c "$UNTIL" '[ -s begun-s-1 ] && [ "$(tmux -S s list-panes -a | wc -l)" = 1 ]'
            go t-1
            kill "$(cat begun-s-1)"; sh -c "$UNTIL" '! kill -0 "$(cat begun-s-1)" 2>/dev/null'
            # It was started outside, by a program that was started in a pane.
            (TMUX=$HOME/s,1,0 TMUX_PANE=%0 python3 agent.py s-2 </dev/null &) ; sh -c "$UNTIL" '[ -s begun-s-2 ]'
            go t-1
            server kill-server
            go t-1
            kill "$(cat begun-s-2)"; sh -c "$UNTIL" '! kill -0 "$(cat begun-s-2)" 2>/dev/null'
            go t-1; echo $?
            go no-such; echo $?
            """#
        )
        let unseen = "np: its session began in tmux, and np does not see its process in any pane there"
        let attach = "tmux -S \(home.path)/s attach"
        #expect(
            lines
                == [
                    attach, "np: Claude Code, session s-1, since T", unseen,
                    attach, "np: Claude Code, session s-2, since T", unseen,
                    "", "np: Claude Code, session s-2, since T",
                    "np: its session began in tmux, whose server does not answer",
                    "np: np knows of no agent that works on 't-1' now", "1",
                    "np: there is no task 'no-such'", "hint: np --all shows which tasks there are", "64",
                ].filter { !$0.isEmpty }
        )
    }

    @Test("goes to the latest session of a task that lives, says how many there are, and where its worktree is")
    func several() async throws {
        let lines = try await run(
            #"""
            unset NP_TASK
            export GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
            git init -q -b main project; git -C project commit -q --allow-empty -m one
            git -C project worktree add -q -b side "$HOME/add login"
            for i in 1 2 3; do
                (cd "add login" && exec python3 "$HOME/agent.py" s-$i </dev/null >/dev/null 2>&1 &)
                sh -c "$UNTIL" "[ -s begun-s-$i ]"
            done
            kill "$(cat begun-s-3)"; sh -c "$UNTIL" '! kill -0 "$(cat begun-s-3)" 2>/dev/null'
            go 'add l'; cd "add login"; "$NP" go . 2>/dev/null
            cd ..; kill $(cat begun-s-1 begun-s-2); sh -c "$UNTIL" '! kill -0 $(cat begun-s-1 begun-s-2) 2>/dev/null'
            go 'add login'
            """#
        )
        #expect(
            lines == [
                "cd '\(home.path)/add login'", "np: Claude Code, session s-2, since T, the latest of 2 sessions",
                "np: it has not said where it is", "cd '\(home.path)/add login'",
                "np: np knows of no agent that works on 'add login' now",
                "hint: its worktree is \(home.path)/add login",
            ]
        )
    }

    #if os(Linux)
    @Test("says so when the session began on another machine, or in a container whose processes it does not see")
    func elsewhere() async throws {
        let done = try await home.shell(
            Self.begin + #"""
                unshare -rpf --uts --mount-proc true 2>/dev/null || exit 77
                (unshare -rpf --uts --mount-proc sh -c 'hostname build7; exec python3 agent.py s-1' </dev/null >/dev/null &)
                sh -c "$UNTIL" '[ -s begun-s-1 ]'
                go t-1
                """#
        )
        guard done.status != 77 else { return }  // no namespaces here
        #expect(
            done.lines == [
                "ssh build7", "np: Claude Code, session s-1, since T",
                "np: its session began on build7, another machine or a container",
            ],
            "\(done.err)"
        )
    }
    #endif
}
