// What is said of main besides that it moved: what came in, and with what a branch then conflicts.

import NeuraphageEvents
import Subprocess
import TestSupport
import Testing

@testable import NeuraphageAgents
@testable import NeuraphageGit
@testable import NeuraphagePresentation
@testable import NeuraphageProjections
@testable import NeuraphageSystem
@testable import NeuraphageTasks
@testable import NeuraphageWatching

@Suite("Main that moved", .apart)
struct MainMoveTests {
    private func latest(_ kind: EventKind, in world: GitWorld) throws -> Payload {
        try #require(try world.events().last { $0.kind == kind }).payload
    }

    @Test(
        "tells how many commits came in, the latest one's subject and author, and which files they change",
        arguments: [0, 3]
    )
    func commits(branches: Int) async throws {
        let world = try await GitWorld()
        for number in 0..<branches {
            try await world.addTask("t-\(number)")
            try await world.commit("own", "\(number)\n", in: "t-\(number)")
        }
        try await world.look()
        try await world.commit("a", "1\n", in: "repo", subject: "One")
        for number in 1...24 { try world.directory.write("\(number)\n", to: "repo/b\(number)") }
        try await world.git("add", ".", in: "repo")
        try await world.git("commit", "-q", "-m", "Two: all of them", "--author", "Äda <a@example.com>", in: "repo")
        try await world.look()
        let main = try latest(.mainUpdated, in: world)
        #expect(main.string("how") == "commits" && main["count"]?.text == "2")
        #expect(main.string("subject") == "Two: all of them" && main.string("author") == "Äda")
        let files = main.strings(at: "files")
        #expect(files.count == 20 && files.first == "b1" && main["files_count"]?.text == "25")
    }

    @Test("tells of a merge what it brought")
    func merge() async throws {
        let world = try await GitWorld()
        try await world.addTask("t-1")
        try await world.commit("own", "1\n", in: "t-1")
        try await world.look()
        try await world.git("merge", "-q", "--no-ff", "-m", "Merge t-1", "neuraphage/t-1", in: "repo")
        try await world.look()
        let main = try latest(.mainUpdated, in: world)
        #expect(main.string("subject") == "Merge t-1" && main["count"]?.text == "2")
        #expect(main.strings(at: "files") == ["own"])
    }

    @Test(
        "tells that it was forced, forward to something else or back, and goes on if git has lost where it was",
        arguments: [0, 2]
    )
    func forced(branches: Int) async throws {
        let world = try await GitWorld()
        for number in 0..<branches { try await world.addTask("t-\(number)") }
        let one = try await world.head(of: "repo")
        try await world.commit("file", "2\n", in: "repo")
        try await world.look()
        try await world.git("commit", "-q", "--amend", "-m", "Other", in: "repo")
        try await world.look()
        var main = try latest(.mainUpdated, in: world)
        #expect(main.string("how") == "forced" && main["count"]?.text == "1" && main.string("subject") == "Other")
        try await world.git("reset", "-q", "--hard", one, in: "repo")
        try await world.look()
        main = try latest(.mainUpdated, in: world)
        #expect(main.string("how") == "forced" && main["count"]?.text == "0" && main["subject"] == nil)

        let lost = try await world.commit("file", "3\n", in: "repo")
        try await world.look()
        try await world.git("reset", "-q", "--hard", one, in: "repo")
        try await world.git("reflog", "expire", "--expire=now", "--all", in: "repo")
        try await world.git("gc", "-q", "--prune=now", in: "repo")
        #expect(try await !world.tryGit("cat-file", "-e", lost, in: "repo"))
        #expect(try await world.look().first == "MainUpdated \(lost.short)..\(one.short)")
        main = try latest(.mainUpdated, in: world)
        #expect(main["how"] == nil && main["files"] == nil)
    }

    @Test("keeps what strangers write in git short, and valid text")
    func untrusted() async throws {
        let world = try await GitWorld()
        try await world.look()
        let np = try NPProcess()
        let script = #"""
            cd "$0" && export GIT_COMMITTER_NAME=C GIT_COMMITTER_EMAIL=c@example.com GIT_AUTHOR_EMAIL=a@example.com
            GIT_AUTHOR_NAME=$(printf 'A\377\033[31m%0300d' 0); export GIT_AUTHOR_NAME
            name=$(printf 'f\377%0240d' 0); echo 1 >"$name"; git add .
            printf 'S\377\033]0;x\007%09000d\n' 0 | git -c i18n.commitEncoding=x commit -q -F -
            """#
        let made = try await np.start("/bin/sh", ["-c", script, world.path("repo")])
        #expect(made.status == .exited(0), "\(made.error)")
        try await world.look()
        let event = try #require(try world.events().last)
        let main = event.payload
        for (member, most) in [("subject", 200), ("author", 100)] {
            let text = try #require(main.string(member))
            #expect(text.utf8.count <= most && text.hasSuffix("…") && text.contains("\u{FFFD}"), "\(text)")
        }
        #expect(main.strings(at: "files").allSatisfy { $0.contains("\u{FFFD}") && $0.utf8.count <= 300 })
        #expect(main["_truncated"] == nil)
        #expect(!event.summary.visible.utf8.contains(0x1b))
    }

    @Test(
        "is named by a conflict: the commit, and for each file the commits that the branch lacks and that changed it",
        arguments: [false, true]
    )
    func conflict(inMerge: Bool) async throws {
        let world = try await GitWorld()
        try await world.addTask("t-1")
        for file in ["x", "y"] { try await world.commit(file, "mine\n", in: "t-1") }
        try await world.commit("z", "mine\n", in: "t-1")
        try await world.look()
        let first = try await world.commit("x", "one\n", in: "repo", subject: "First: x")
        let second = try await world.commit("x", "two\n", in: "repo", subject: "Second")
        let third = try await world.commit("y", "one\n", in: "repo", subject: "Third")
        try await world.commit("other", "one\n", in: "repo", subject: "Fourth")
        let onto = try await world.commit("x", "three\n", in: "repo", subject: "Fifth")
        try await world.look()
        _ = try await world.tryGit(inMerge ? "merge" : "rebase", "main", in: "t-1")
        try await world.look()
        let conflict = try latest(.rebaseConflict, in: world)
        #expect(conflict.string("onto") == onto)
        let files = inMerge ? ["x", "y"] : ["x"]
        #expect(conflict.strings(at: "files") == files)
        let touched = conflict.payloads(at: "touched")
        #expect(touched.map { $0.string("file") } == files)
        let commits = touched.map { $0.payloads(at: "commits").map { $0.string("commit") } }
        #expect(commits.first == [onto, second, first] && touched.first?["count"]?.text == "3")
        #expect(commits.dropFirst().allSatisfy { $0 == [third] })
        #expect(touched[0].payloads(at: "commits").map { $0.string("subject") } == ["Fifth", "Second", "First: x"])
        let event = try #require(try world.events().last { $0.kind == .rebaseConflict })
        #expect(event.summary == "conflict in \(files.joined(separator: ", ")) with \(onto.short): Fifth")
    }
}
