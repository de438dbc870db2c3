import TestSupport
import Testing

@testable import NeuraphageTasks

@Suite("A command in the log", .apart)
struct LoggedCommandTests {
    private func line(_ words: [String]) -> String { LoggedCommand.line(words.map { Array($0.utf8) }) }

    @Test(
        "is what was typed if no agent is in it",
        arguments: [
            (["make", "test"], "make test"), (["git", "commit", "-m", "fix it"], "git commit -m 'fix it'"),
            (["env", "X=1 2", "sh", "-c", "a | b"], "env 'X=1 2' sh -c 'a | b'"),
            (["./claudette", "x y"], "./claudette 'x y'"),
            (["ls", ".claude/settings.json"], "ls .claude/settings.json"),
        ]
    )
    func ordinary(words: [String], expected: String) {
        #expect(line(words) == expected)
    }

    @Test(
        "has an agent's program and the names of its options, and never the prompt",
        arguments: [
            (["claude", "-p", "SECRET it"], "claude -p …"), (["claude", "SECRET"], "claude …"),
            (["/opt/bin/claude", "--model", "opus", "-p", "SECRET"], "/opt/bin/claude --model … -p …"),
            (["claude", "--append-system-prompt=SECRET", "-c"], "claude --append-system-prompt -c"),
            (["claude", "-pSECRET", "-p=SECRET"], "claude -p -p"), (["claude", "-p", "- SECRET"], "claude -p …"),
            (["claude", "-p", "-SECRET words"], "claude -p …"), (["claude", "-p", "--SECRET"], "claude -p …"),
            (["claude", "-p", "--", "--secret", "SECRET"], "claude -p …"),
            (["codex", "exec", "SECRET"], "codex exec …"), (["codex", "SECRET", "exec"], "codex …"),
            (
                ["npx", "-y", "@anthropic-ai/claude-code@latest", "-p", "SECRET"],
                "npx -y @anthropic-ai/claude-code@latest -p …"
            ),
            (["npx", "--package=@openai/codex", "codex", "SECRET"], "npx --package=… …"),
            (["env", "X=SECRET", "claude", "-p", "SECRET"], "env X=… claude -p …"),
            (["timeout", "60", "nice", "-n", "5", "gemini", "-p", "SECRET"], "timeout 60 nice -n 5 gemini -p …"),
            (["sh", "-c", "claude -p 'SECRET'"], "sh -c 'claude …'"),
            (["bash", "-lc", "echo SECRET | /usr/bin/claude -p"], "bash -lc 'claude …'"),
            (["bash", "-c", "P=SECRET; exec \"$0\" -p \"$P\"", "claude"], "bash -c P=… claude"),
            (["sh", "-c", "claude -p \"$1\"", "sh", "SECRET"], "sh -c 'claude …' …"),
            (["env", "-S", "claude -p SECRET"], "env -S 'claude …'"),
            (
                ["node", "/usr/lib/node_modules/@anthropic-ai/claude-code/cli.js", "-p", "SECRET"],
                "node /usr/lib/node_modules/@anthropic-ai/claude-code/cli.js -p …"
            ),
            (["python3", "-m", "aider", "--message", "SECRET"], "python3 -m aider --message …"),
            (
                ["docker", "run", "-it", "ghcr.io/x/claude:latest", "-p", "SECRET"],
                "docker run -it ghcr.io/x/claude:latest -p …"
            ),
            (["tmux", "new-session", "-d", "claude -p 'SECRET'"], "tmux new-session -d 'claude …'"),
            (["Claude.exe", "-p", "SECRET"], "Claude.exe -p …"),
            (["make", "AGENT=claude", "PROMPT=SECRET"], "make AGENT=… …"),
        ]
    )
    func agents(words: [String], expected: String) {
        let line = line(words)
        #expect(line == expected)
        #expect(!line.contains("SECRET"))
    }
}
