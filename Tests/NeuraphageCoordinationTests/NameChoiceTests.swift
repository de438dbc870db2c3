// What is concluded from what is seen of worktrees and repositories, and which name a worktree gets: tables, without files.

import NeuraphageEvents
import TestSupport
import Testing

@testable import NeuraphageGit
@testable import NeuraphageTasks

private func place(_ repository: String, _ entry: String, _ made: String = "1") -> Place {
    Place(repository: RepositoryID(asWritten: repository), entry: entry, made: made)
}

@Suite("The name of a worktree", .apart)
struct NameChoiceTests {
    /// What a worktree is called whose place is the entry `w` of the repository `r`.
    private func name(
        _ title: String,
        in repository: String? = "project",
        open: [TaskID: Set<Place>] = [:],
        held: Set<TaskID> = []
    ) -> TaskID {
        let entry = repository == nil ? "" : "w"
        let choice = NameChoice(title: title, repository: repository, place: place("r", entry, "2"), open: open)
        return choice.name { held.contains($0) }
    }

    @Test("is that of its directory, then with its repository's name before it, then with a number")
    func plainest() {
        #expect(name("fix") == "fix")
        #expect(name("fix", held: ["fix"]) == "project/fix")
        #expect(name("fix", held: ["fix", "project/fix"]) == "project/fix-2")
        #expect(name("fix", held: ["fix", "project/fix", "project/fix-2"]) == "project/fix-3")
        #expect(name("fix", held: ["fix", "project/fix-2"]) == "project/fix")
    }

    @Test("of a main worktree is its repository's, with a number if another one has that")
    func main() {
        #expect(name("project", in: nil) == "project")
        #expect(name("project", in: nil, held: ["project"]) == "project-2")
        #expect(name("project", in: nil, held: ["project", "project-2"]) == "project-3")
    }

    @Test("is not that of a task that goes on elsewhere, but that of the last life of its own slot")
    func open() {
        #expect(name("fix", open: ["fix": [place("other", "w")]]) == "project/fix")
        #expect(name("fix", open: ["fix": [place("r", "v")]]) == "project/fix")
        #expect(name("fix", open: ["fix": [place("r", "w", "1")]]) == "fix")
        #expect(name("fix", open: ["fix": [place("r", "w", "1"), place("other", "w")]]) == "project/fix")
        #expect(name("fix", open: ["fix": []]) == "fix")
        #expect(name("fix", open: ["fix": [place("other", "w")]], held: ["project/fix"]) == "project/fix-2")
    }

    @Test("can be typed, and there is something to say of it only where that changed it")
    func remarks() {
        func remark(_ title: String) -> String? {
            let choice = NameChoice(title: title, repository: "p", place: nil, open: [:])
            return choice.remark(on: choice.name { _ in false }, of: "/w")
        }
        #expect(remark("fix") == nil)
        #expect(remark("-fix") == "'-fix' cannot be the name of a task, so the task of /w is 'fix'")
        #expect(name("..") == "..")
        #expect(name(".") == "worktree")
        #expect(name("\u{FFFD}") == "worktree")
    }

    @Test(
        "is kept while git has the worktree or cannot be seen, and is another one's once git has forgotten it",
        arguments: [
            (EntrySight.away, "w", false, false), (.replaced, "w", true, false), (.replaced, "", true, false),
            (.main, "", false, true), (.entry(made: "1"), "w", false, true), (.entry(made: "2"), "w", true, false),
            (.entry(made: nil), "w", false, true), (.noEntry, "w", true, false),
        ]
    )
    func sights(sight: EntrySight, entry: String, isForgotten: Bool, isHeld: Bool) {
        #expect(sight.showsForgotten(place("r", entry)) == isForgotten)
        #expect(sight.showsHeld(place("r", entry)) == isHeld)
    }
}

@Suite("The id of a repository", .apart)
struct RepositoryIDTests {
    @Test(
        "is read from a whole note, and from nothing else",
        arguments: [
            (#"{"format":1,"id":"a","inode":"7"}"#, "a"), (#"{"id":"a","inode":7}"#, "a"),
            (#"{"format":1,"id":"","inode":"7"}"#, nil), (#"{"format":1,"id":"a"}"#, nil),
            (#"{"format":1,"id":"a","inode":"-7"}"#, nil),
            (#"{"format":1,"id":"a","inode":"99999999999999999999"}"#, nil),
            (#"{"format":1,"id":"a","ino"#, nil), ("", nil), ("[]", nil),
        ]
    )
    func notes(line: String, id: String?) {
        #expect(RepositoryID.Note(line)?.id == id)
        #expect(RepositoryID.Note(line).map { $0.holds(for: 7) } == id.map { _ in true })
    }

    @Test("is that of the directory whose number stands beside it: a copy has another one")
    func copies() {
        let note = RepositoryID.Note(id: "a", inode: 7)
        #expect(RepositoryID.Note(note.line) == note)
        #expect(note.holds(for: 7))
        #expect(!note.holds(for: 8))
    }

    @Test("that cannot be written down follows from the directory and its path")
    func unwritable() {
        let id = RepositoryID(7, "/a/.git")
        #expect(id == RepositoryID(7, "/a/.git"))
        #expect(id != RepositoryID(8, "/a/.git"))
        #expect(id != RepositoryID(7, "/b/.git"))
    }
}
