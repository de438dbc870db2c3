import NeuraphageEvents
import TestSupport
import Testing

@testable import NeuraphageAgents
@testable import NeuraphageGit
@testable import NeuraphagePresentation
@testable import NeuraphageProjections
@testable import NeuraphageSystem
@testable import NeuraphageTasks
@testable import NeuraphageWatching

@Suite("The list of watched repositories", .apart)
struct WatchListTests {
    let directory: TemporaryDirectory
    let list: WatchList

    init() throws {
        directory = try TemporaryDirectory()
        list = WatchList(in: DataDirectory(directory("data")))
    }

    @Test("is empty at first, and a file with a path a line later")
    func file() throws {
        #expect(try list.paths == [])
        #expect(try list.add("/a b/é"))
        #expect(try list.add("/c"))
        #expect(try !list.add("/c"))
        #expect(directory.read("data/watched") == "/a b/é\n/c\n")
        #expect(try list.paths == ["/a b/é", "/c"])
        #expect(try list.remove("/a b/é"))
        #expect(try !list.remove("/a b/é"))
        #expect(directory.read("data/watched") == "/c\n")
        #expect(try list.remove("/c"))
        #expect(!directory.exists("data/watched"))
    }

    @Test("takes no path that a line cannot hold", arguments: ["/a\nb", "relative", ""])
    func badPath(path: String) {
        let error = #expect(throws: OperationError.self) { try list.add(path) }
        #expect(error?.description.contains("must be absolute and without line breaks") == true)
        #expect(!directory.exists("data/watched"))
    }

    @Test("loses nothing when many add at the same time")
    func atOnce() async throws {
        let list = list
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<20 { group.addTask { try list.add("/\(number)") } }
            try await group.waitForAll()
        }
        #expect(try Set(list.paths) == Set((0..<20).map { "/\($0)" }))
    }

    @Test("is never seen half written")
    func whole() throws {
        try list.add("/a")
        let file = try #require(try? RealFileSystem().status(at: list.path, followingLinks: false))
        try list.add("/b")
        let other = try #require(try? RealFileSystem().status(at: list.path, followingLinks: false))
        #expect(file.identity != other.identity)
    }
}
