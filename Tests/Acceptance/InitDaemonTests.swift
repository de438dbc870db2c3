// What np init and np uninit say and leave of what is not theirs: a daemon of the user's, and settings that switch hooks off.

import TestSupport
import Testing

@Suite("np init", .apart)
struct InitDaemonTests {
    let me: SetUpHome

    init() async throws {
        me = try await SetUpHome()
    }

    private func claudeRemark() async throws -> String {
        try await me.np("init", "--status").lines.first { $0.hasPrefix("Claude Code:") } ?? ""
    }

    @Test("lets a daemon that the user has started go on after np uninit, and says so")
    func ownDaemon() async throws {
        #expect(try await me.np("daemon", "start").status == 0)
        #expect(try await me.np("init").status == 0)
        let undone = try await me.np("uninit")
        #expect(undone.status == 0 && undone.out.contains("The daemon goes on, because np init did not start it"))
        #expect(try await me.np("daemon", "status").status == 0)
        #expect(try await me.np("daemon", "stop").status == 0)
    }

    @Test("lets a daemon go on that the user has started since in place of np init's")
    func restartedDaemon() async throws {
        #expect(try await me.np("init").status == 0)
        #expect(try await me.np("daemon", "stop").status == 0)
        #expect(try await me.np("daemon", "start").status == 0)
        #expect(try await me.np("uninit").out.contains("The daemon goes on"))
        #expect(try await me.np("daemon", "stop").status == 0)
    }

    @Test("names in its status the settings that switch all hooks off, the user's and the repository's")
    func disabledHooks() async throws {
        let settings = me.home(".claude/settings.json")
        try me.home.write("{\"disableAllHooks\": true}\n", to: settings)
        let done = try await me.initialize()
        #expect(done.out.contains("\"disableAllHooks\": true"))
        #expect(
            try await claudeRemark().contains("disableAllHooks is true in \(settings), so it runs no hooks")
        )
        try me.home.write("{}\n", to: settings)
        try await me.initialize()
        #expect(try await !claudeRemark().contains("disableAllHooks"))
        try me.home.write("{\"disableAllHooks\": true}", to: me.repository + "/.claude/settings.local.json")
        #expect(try await claudeRemark().contains("\(me.repository)/.claude/settings.local.json, so it runs no hooks"))
    }
}
