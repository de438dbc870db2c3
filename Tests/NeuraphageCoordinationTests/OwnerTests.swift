import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageSystem
import TestSupport
import Testing

@Suite("Root's np", .apart)
struct OwnerTests {
    /// A file system in which one directory and all in it belong to a user.
    private struct OwnedFiles: ForwardingFileSystem {
        let directory: String
        let owner: UInt32

        func status(at path: String, followingLinks: Bool) throws(SystemError) -> FileStatus {
            var status = try real.status(at: path, followingLinks: followingLinks)
            status.owner = path.hasPrefix(directory) ? owner : 0
            return status
        }
    }

    @Test("leaves another user's data directory alone, also one that it would have to make in a directory of that user")
    func refuses() throws {
        let home = try TemporaryDirectory()
        let files = OwnedFiles(directory: home.path, owner: 4_242_424)
        for path in [home.path, home["a/b/c"]] {
            let directory = DataDirectory(path, files: files)
            let error = try #require(throws: OperationError.self) { try directory.refuseRootOfAnotherUser(actingAs: 0) }
            #expect(error.sentence.contains("np runs as root, and \(home.path) belongs to user 4242424"))
        }
    }

    @Test("takes root's own, and each user takes what the file system lets it take")
    func takes() throws {
        let home = try TemporaryDirectory()
        let others = DataDirectory(home["a/b"], files: OwnedFiles(directory: home.path, owner: 4_242_424))
        try others.refuseRootOfAnotherUser(actingAs: 1_000)
        let own = DataDirectory(home["a/b"], files: OwnedFiles(directory: home.path, owner: 0))
        try own.refuseRootOfAnotherUser(actingAs: 0)
    }
}
