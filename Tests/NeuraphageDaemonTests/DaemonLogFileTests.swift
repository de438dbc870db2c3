import NeuraphageEvents
import NeuraphagePlatform
import TestSupport
import Testing

@testable import NeuraphageDaemon

/// A file with a descriptor of its own, as standard error is for the daemon.
private final class Written: Sendable {
    let directory: TemporaryDirectory
    let descriptor: Int32
    let file: DaemonLogFile

    /// - Parameter path: The file; `log` in the directory if it is `nil`.
    init(limit: Int64, path: String? = nil) throws {
        let directory = try TemporaryDirectory()
        let path = path ?? directory("log")
        self.directory = directory
        descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        file = DaemonLogFile(path: path, limit: limit, descriptor: descriptor, in: RealFileSystem())
    }

    deinit {
        close(descriptor)
    }
}

@Suite("The daemon's own log", .apart)
struct DaemonLogFileTests {
    @Test("A file that has become large is put aside, and the two together never exceed their bound")
    func rotation() throws {
        let written = try Written(limit: 100)
        for number in 100..<200 {
            written.file.write("message \(number)")
            let (current, aside) = (written.directory.read("log") ?? "", written.directory.read("log.1") ?? "")
            #expect(current.utf8.count <= 100 && aside.utf8.count <= 100)
            #expect((aside + current).hasSuffix("message \(number)\n"))
        }
        // 12 bytes a line: the file has taken 8 each time.
        let aside = (188..<196).map { "message \($0)\n" }.joined()
        #expect(written.directory.read("log.1") == aside)
        #expect(written.directory.read("log") == (196..<200).map { "message \($0)\n" }.joined())
        #expect(try written.directory.permissions("log") == 0o600)
        #expect(!written.directory.exists("log.new"))
    }

    @Test("What others write to the descriptor goes where the messages go, also after the file was put aside")
    func descriptorFollows() throws {
        let written = try Written(limit: 20)
        for _ in 0..<3 { written.file.write("a message") }
        #expect(write(written.descriptor, "last words\n", 11) == 11)
        #expect(written.directory.read("log") == "a message\nlast words\n")
    }

    @Test("A file that is deleted or moved away is begun anew with the next message")
    func deleted() throws {
        let written = try Written(limit: 1_000)
        written.file.write("one")
        try written.directory.unlink("log")
        written.file.write("two")
        #expect(written.directory.read("log") == "two\n")
        try written.directory.rename("log", to: "elsewhere")
        written.file.write("three")
        #expect(written.directory.read("log") == "three\n")
        #expect(written.directory.read("elsewhere") == "two\n")
    }

    @Test("Where no file can be made beside it, it is cut instead of growing without bound")
    func cannotBePutAside() throws {
        let written = try Written(limit: 100)
        // A directory stands where the file would go.
        try written.directory.makeDirectory("log.1")
        try written.directory.makeDirectory("log.1/x")
        for number in 100..<200 {
            written.file.write("message \(number)")
            #expect((written.directory.read("log") ?? "").utf8.count <= 100)
        }
        #expect(written.directory.read("log")?.hasSuffix("message 199\n") == true)
        #expect(!written.directory.exists("log.new"))
    }

    @Test("A full disk costs messages and nothing else", .enabled(if: access("/dev/full", W_OK) == 0))
    func fullDisk() throws {
        let written = try Written(limit: 100, path: "/dev/full")
        for number in 0..<100 { written.file.write("message \(number)") }
        #expect(write(written.descriptor, "x", 1) == -1 && errno == ENOSPC)
    }

    @Test("Messages of many threads stand whole in the files, each on its line")
    func manyWriters() async throws {
        let written = try Written(limit: 1 << 20)
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask { for number in 0..<100 { written.file.write("message \(task) \(number)") } }
            }
        }
        let lines = (written.directory.read("log") ?? "").split(separator: "\n")
        #expect(Set(lines) == Set((0..<8).flatMap { task in (0..<100).map { "message \(task) \($0)" } }))
        #expect(lines.count == 800)
    }
}
