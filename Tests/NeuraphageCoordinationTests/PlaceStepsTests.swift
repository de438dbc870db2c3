// Every step by which a worktree, its repository, or what they are mounted on comes to be elsewhere, or comes back, with real
// git: a task that an agent began before goes on after.

import Subprocess
import TestSupport
import Testing

@Suite("A worktree's task goes on", .apart)
struct PlaceStepsTests {
    /// One way in which things come to be elsewhere.
    struct Step: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// The script; the worktree is `w/fix` before, of the repository `repo`.
        let script: String
        /// Where the worktree and the repository are then.
        var worktree = "w/fix"
        var repository = "repo"
        /// Whether it mounts something, for which the script runs where it may.
        var mounts = false

        init(_ description: String, _ script: String, _ worktree: String = "w/fix", repository: String = "repo") {
            testDescription = description
            self.script = script
            self.worktree = worktree
            self.repository = repository
        }

        static func mounting(
            _ description: String,
            _ script: String,
            _ worktree: String = "w/fix",
            repository: String = "repo"
        ) -> Step {
            var step = Step(description, script, worktree, repository: repository)
            step.mounts = true
            return step
        }
    }

    static let steps = [
        Step("git worktree move", #"git -C repo worktree move "$top/w/fix" "$top/w/other""#, "w/other"),
        Step(
            "git worktree move, by force, of one that is locked",
            #"git -C repo worktree lock w/fix; git -C repo worktree move -f -f "$top/w/fix" "$top/other""#,
            "other"
        ),
        Step(
            "the directory is renamed, then repaired",
            #"mv w/fix w/other; look repo; repair repo w/other"#,
            "w/other"
        ),
        Step("the directory above is renamed, then repaired", #"mv w v; look repo; repair repo v/fix"#, "v/fix"),
        Step("the directory is away for a while", #"mv w/fix away; look repo; mv away w/fix"#),
        Step(
            "the repository is renamed, then repaired",
            #"mv repo again; look again; repair again w/fix"#,
            repository: "again"
        ),
        Step("the repository is away for a while", #"mv repo away; look repo 2>/dev/null; mv away repo"#),
        Step(
            "the directory above both is renamed, then repaired",
            #"mkdir all; mv repo w all; repair all/repo all/w/fix"#,
            "all/w/fix",
            repository: "all/repo"
        ),
        Step("another directory has its place for a while", #"mv w v; mkdir -p w/fix; look repo; rm -r w; mv v w"#),
        Step("it is reached through a symbolic link", #"ln -s w v"#, "v/fix"),
        Step("its branch is renamed", #"git -C w/fix branch -m renamed"#),
        Step(
            "its HEAD is detached for a while",
            #"git -C w/fix checkout -q --detach; look repo; git -C w/fix checkout -q fix"#
        ),
        .mounting("something is mounted over it for a while", "mount -t tmpfs none w; look repo; umount w"),
        .mounting(
            "something is mounted over its repository for a while",
            "mount -t tmpfs none repo; look repo 2>/dev/null; umount repo"
        ),
        .mounting("it is mounted elsewhere, too", #"mkdir v; mount --bind w v"#, "v/fix"),
        .mounting("its repository is mounted elsewhere, too", #"mkdir v; mount --bind repo v"#, repository: "v"),
        .mounting(
            "it is mounted elsewhere, and gone from its place",
            #"mkdir v; mount --bind w v; mount -t tmpfs none w; look repo; repair repo v/fix"#,
            "v/fix"
        ),
    ]

    @Test("after", arguments: steps)
    func goesOn(_ step: Step) async throws {
        let np = try NPProcess()
        let functions = #"""
            repair() { git -C $1 worktree repair "$top/$2" 2>/dev/null >&2; }

            """#
        let script = #"""
            repo repo; git -C repo worktree add -q "$top/w/fix"
            start "$top/w/fix" s1; prompt "$top/w/fix" s1; look repo
            \#(step.script)
            look \#(step.repository)
            git -C \#(step.repository) commit -q --allow-empty -m second; look \#(step.repository)
            prompt "$top/\#(step.worktree)" s1 | grep -c RebaseRequired
            start "$top/\#(step.worktree)" s2
            tasks; events -k Task | field source_task; events -k RebaseRequired | field target_task
            """#
        let all = NPProcess.places + functions + script
        guard step.mounts else { return try expect(await np.script(all)) }
        let outcome = try await np.start(
            "/bin/sh",
            ["-c", "unshare -rm true || exit 77; exec unshare -rm sh -c \"$0\"", all]
        )
        if outcome.status == .exited(77) { return }  // mounting is not permitted here
        try expect(outcome)
    }

    private func expect(_ outcome: Outcome) throws {
        #expect(outcome.error == "")
        #expect(outcome.output == "1\ns1 fix\ns2 fix\nfix\nfix\n")
    }
}
