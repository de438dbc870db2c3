// What np says of Codex's sandbox, by what Codex's configuration says.

import TestSupport
import Testing

@testable import NeuraphageAgents

@Suite("Codex's sandbox", .apart)
struct CodexSandboxTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var configuration = ""
        var directory = "/home/me/np"
        let change: [String]
    }

    @Test(
        "is opened for np by the least that has to be added",
        arguments: [
            Row(
                testDescription: "nothing yet",
                change: ["[sandbox_workspace_write]", #"writable_roots = ["/home/me/np"]"#]
            ),
            Row(
                testDescription: "no TOML",
                configuration: "what is this",
                change: ["[sandbox_workspace_write]", #"writable_roots = ["/home/me/np"]"#]
            ),
            Row(
                testDescription: "other directories",
                configuration: "[sandbox_workspace_write]\nwritable_roots = ['/home/me/n', '/home/me/np2', 7]\n",
                change: [#"add "/home/me/np" to writable_roots in [sandbox_workspace_write]"#]
            ),
            Row(
                testDescription: "the directory",
                configuration: "sandbox_workspace_write.writable_roots = ['/home/me/np/']\n",
                change: []
            ),
            Row(
                testDescription: "one above it",
                configuration: "[sandbox_workspace_write]\nwritable_roots = ['/home/me']\n",
                change: []
            ),
            Row(testDescription: "no sandbox", configuration: "sandbox_mode = 'danger-full-access'\n", change: []),
            Row(
                testDescription: "a name with quotes",
                directory: #"/a "b" \c"#,
                change: ["[sandbox_workspace_write]", #"writable_roots = ["/a \"b\" \\c"]"#]
            ),
        ]
    )
    func change(row: Row) {
        let sandbox = CodexSandbox(configuration: row.configuration)
        #expect(sandbox.change(toWriteIn: row.directory) == row.change)
    }
}
