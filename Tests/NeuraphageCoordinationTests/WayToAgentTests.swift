// Where an agent is, as its environment says, and how a user gets there: what is weighed, without tmux.

import NeuraphageEvents
import NeuraphageSystem
import TestSupport
import Testing

@testable import NeuraphageTasks

@Suite("Where an agent is", .apart)
struct WayToAgentTests {
    private func location(_ variables: [String: String], terminal: String? = nil) -> AgentLocation {
        AgentLocation(host: "here", terminal: terminal) { variables[$0] }
    }

    private func json(_ location: AgentLocation) -> String? { location.value.map { Payload($0).json } }

    @Test("is what its environment says, the innermost program that shows it")
    func environments() {
        let table: [([String: String], String)] = [
            ([:], ""),
            (
                ["TMUX": "/tmp/tmux-0/default,12,0", "TMUX_PANE": "%3"],
                #","program":"tmux","server":"/tmp/tmux-0/default","pane":"%3""#
            ),
            (["TMUX": "/tmp/a,b,12,0"], #","program":"tmux","server":"/tmp/a,b""#),
            (
                ["TMUX": "/s,1,0", "TMUX_PANE": "%1", "KITTY_WINDOW_ID": "1", "TERM_PROGRAM": "vscode"],
                #","program":"tmux","server":"/s","pane":"%1""#
            ),
            (["STY": "4.pts-0.host", "WINDOW": "2"], #","program":"screen","server":"4.pts-0.host","pane":"2""#),
            (
                ["ZELLIJ_SESSION_NAME": "quiet-sun", "ZELLIJ_PANE_ID": "4"],
                #","program":"zellij","server":"quiet-sun","pane":"4""#
            ),
            (
                ["KITTY_WINDOW_ID": "7", "KITTY_LISTEN_ON": "unix:/tmp/k"],
                #","program":"kitty","server":"unix:/tmp/k","pane":"7""#
            ),
            (["WEZTERM_PANE": "0"], #","program":"wezterm","pane":"0""#),
            (["TERM_PROGRAM": "vscode"], #","program":"vscode""#),
            (["TERM_PROGRAM": "Apple_Terminal"], ""),
        ]
        for (variables, members) in table {
            #expect(json(location(variables)) == #"{"host":"here"\#(members)}"#)
        }
        #expect(json(location([:], terminal: "/dev/pts/4")) == #"{"host":"here","tty":"/dev/pts/4"}"#)
        #expect(AgentLocation(host: nil, terminal: nil) { _ in nil }.value == nil)
    }

    @Test("is nothing that cannot be meant: control characters, options, what is long, or no pane at all")
    func hostile() {
        let long = "/" + String(repeating: "x", count: 300)
        for tmux in [
            "", "x", "relative,1,0", "/s", "/s,1", "/\u{1b}]0;x\u{7},1,0", "/a\n,1,0", long + ",1,0", "/\u{fffd},1,0",
        ] {
            #expect(location(["TMUX": tmux, "TMUX_PANE": "%1"]).program == nil, "\(tmux)")
        }
        for pane in ["", "%", "3", "%3;kill-server", "%-1", "%\u{0663}", "%1234567890123", "-t", "%3\n"] {
            let found = location(["TMUX": "/s,1,0", "TMUX_PANE": pane])
            #expect(found.program == .tmux && found.pane == nil, "\(pane)")
        }
        #expect(location(["STY": "-x"]).program == nil && location(["KITTY_WINDOW_ID": "1;2"]).program == nil)
        #expect(AgentLocation(host: "-oProxyCommand=x", terminal: "pts/3") { _ in nil }.value == nil)
    }

    @Test("is read from an event as carefully as from an environment")
    func events() throws {
        let location = location(["TMUX": "/s,1,0", "TMUX_PANE": "%3"], terminal: "/dev/pts/4")
        let payload = Payload(.object([("where", try #require(location.value))]))
        #expect(AgentLocation(payload) == location)
        #expect(AgentLocation(["agent": "claude"]) == nil)
        let made = try #require(
            AgentLocation(
                try Payload(
                    json: #"{"where":{"host":"-x","tty":3,"program":"tmux","server":"-s","pane":"%3;kill-server"}}"#
                )
            )
        )
        #expect(made.host == nil && made.terminal == nil && made.server == nil && made.pane == nil)
        #expect(AgentLocation(try Payload(json: #"{"where":"home"}"#))?.value == nil)
    }

    // MARK: - The way

    private static let pane = TmuxPane(session: "$1", window: "@2", pane: "%3", process: 7)

    private func asker(_ host: String = "here", tmux: String? = nil, onTerminal: Bool = false) -> WayToAgent.Asker {
        var asker = WayToAgent.Asker()
        (asker.host, asker.tmux, asker.isOnTerminal) = (host, tmux, onTerminal)
        return asker
    }

    @Test("is shown in its tmux, attached on another terminal, else told; only a pane in which it is seen is named")
    func tmux() {
        let location = location(["TMUX": "/a b/s,1,0", "TMUX_PANE": "%3"])
        func way(_ sight: WayToAgent.Sight, _ asker: WayToAgent.Asker) -> WayToAgent {
            WayToAgent(to: location, seen: sight, directory: "/w", from: asker)
        }
        let seen = WayToAgent.Sight(presence: .alive, pane: Self.pane, answers: true)
        #expect(way(seen, asker(tmux: "/a b/s")) == .show(server: "/a b/s", Self.pane))
        #expect(way(seen, asker(tmux: "/a b/s", onTerminal: true)) == .show(server: "/a b/s", Self.pane))
        #expect(way(seen, asker(onTerminal: true)) == .attach(server: "/a b/s", Self.pane))
        let commands = ["tmux -S '/a b/s' attach -t '$1'", "cd /w"]
        #expect(way(seen, asker()) == .tell(commands: commands, remark: "it is in tmux"))
        #expect(
            way(seen, asker(tmux: "/other", onTerminal: true))
                == .tell(commands: commands, remark: "it is in another tmux server than this")
        )
        let gone = WayToAgent.Sight(presence: .alive, answers: true)
        #expect(
            way(gone, asker(tmux: "/a b/s"))
                == .tell(
                    commands: ["tmux -S '/a b/s' attach", "cd /w"],
                    remark: "its session began in tmux, and np does not see its process in any pane there"
                )
        )
        #expect(
            way(WayToAgent.Sight(presence: .unknown), asker(onTerminal: true))
                == .tell(commands: ["cd /w"], remark: "its session began in tmux, whose server does not answer")
        )
        #expect(
            way(WayToAgent.Sight(presence: .unknown), asker("laptop", tmux: "/a b/s", onTerminal: true))
                == .tell(
                    commands: ["ssh here", "tmux -S '/a b/s' attach", "cd /w"],
                    remark: "its session began on here, another machine or a container"
                )
        )
    }

    @Test("is told for everything that np cannot have shown, with what it knows")
    func others() {
        let table: [([String: String], [String], String)] = [
            (["STY": "4.pts"], ["screen -x 4.pts", "cd /w"], "its session began in screen"),
            (["ZELLIJ_SESSION_NAME": "it's"], [#"zellij attach 'it'\''s'"#, "cd /w"], "its session began in zellij"),
            (["KITTY_WINDOW_ID": "7"], ["kitten @ focus-window --match id:7", "cd /w"], "its session began in kitty"),
            (
                ["WEZTERM_PANE": "2"], ["wezterm cli activate-pane --pane-id 2", "cd /w"],
                "its session began in wezterm"
            ),
            (["TERM_PROGRAM": "vscode"], ["code /w", "cd /w"], "its session began in vscode"),
            ([:], ["cd /w"], "it has not said where it is"),
        ]
        for (variables, commands, remark) in table {
            let way = WayToAgent(
                to: location(variables),
                seen: .init(presence: .alive),
                directory: "/w",
                from: asker(onTerminal: true)
            )
            #expect(way == .tell(commands: commands, remark: remark))
        }
        #expect(
            WayToAgent(to: nil, seen: .init(presence: .unknown), directory: nil, from: asker())
                == .tell(commands: [], remark: "it has not said where it is; np does not see its process from here")
        )
        #expect(
            WayToAgent(
                to: location([:], terminal: "/dev/pts/4"),
                seen: .init(presence: .alive),
                directory: nil,
                from: asker()
            )
                == .tell(commands: [], remark: "its terminal is /dev/pts/4")
        )
    }

    @Test("is no pane that tmux does not name so")
    func panes() {
        #expect(TmuxPane("$1 @2 %3 7") == Self.pane)
        for line in [
            "", "$1 @2 %3", "$1 @2 %3 0", "$1 @2 %3 1", "$1 @2 %3 x", "1 @2 %3 7", "$1 @2 %3;x 7", "$ @ % 7",
            "$1  @2 %3 7",
        ] {
            #expect(TmuxPane(line) == nil, "\(line)")
        }
    }

    #if os(Linux)
    @Test("has its terminal from the number that the system gives it")
    func terminals() {
        #expect(ProcessStatus.terminal(0) == nil)
        #expect(ProcessStatus.terminal(136 << 8 | 4) == "/dev/pts/4")
        #expect(ProcessStatus.terminal(137 << 8 | 4) == "/dev/pts/260")
        #expect(ProcessStatus.terminal(4 << 8 | 1) == "/dev/tty1")
        #expect(ProcessStatus.terminal(.max) == nil)
    }
    #endif
}
