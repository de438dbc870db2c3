// What agents, people and orchestrators do in repositories and worktrees, as shell functions.

import Testing

extension NPProcess {
    /// What agents, people and orchestrators do: `repo DIRECTORY`, `hear WORKTREE SESSION EVENT [MEMBERS]`, and `tasks`, which
    /// prints of each session that began its id and its task.
    static let places = """
        export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b \
        GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b NP_DATA_DIR="$PWD/data"
        top=$PWD
        repo() { git init -q -b main "$1" && git -C "$1" commit -q --allow-empty -m first; }
        hear() { (cd "$1" 2>/dev/null; printf '{"session_id":"%s","cwd":"%s","hook_event_name":"%s"%s}' \
        "$2" "$1" "$3" "${4:-}" | "$NP" hook claude); }
        start() { hear "$1" "$2" SessionStart ',"source":"startup"'; }
        prompt() { hear "$1" "$2" UserPromptSubmit ',"prompt":"x"'; }
        look() { "$NP" watch --once "$@"; }
        events() { "$NP" events -o json --no-pager "$@" 2>/dev/null; }
        field() { sed -n 's/.*"'$1'":"\\([^"]*\\)".*/\\1/p'; }
        source() { sed 's/.*"source_task":\\("[^"]*"\\|null\\).*/\\1/' | tr -d '"'; }
        tasks() { events -k custom:AgentSessionStarted |
            sed 's/.*"source_task":\\("[^"]*"\\|null\\).*"session":"\\([^"]*\\)".*/\\2 \\1/' | tr -d '"'; }

        """

    /// The lines that a script prints with these, which has nothing to complain about.
    func lines(ofShell script: String) async throws -> [String] {
        let outcome = try await self.script(Self.places + script)
        #expect(outcome.error == "")
        return outcome.output.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
    }
}
