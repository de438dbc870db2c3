import Foundation
import TestSupport
import Testing

@testable import NeuraphageEvents

@Suite("What a log cannot be written to", .apart)
struct EventLogOpeningTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func error(
        path: String,
        fileSystem: any FileSystem = RealFileSystem()
    ) throws -> EventLogError {
        let error = try #require(throws: EventLogError.self) {
            try EventLog(opening: EventLogConfig(path: path), logger: RecordingLogger().logger, fileSystem: fileSystem)
        }
        #expect(error.path == path)
        return error
    }

    private func expectNotUsable(_ name: String, _ what: String) throws {
        let fileSystem = FaultyFileSystem()
        let error = try error(path: directory[name], fileSystem: fileSystem)
        #expect(error.code == .notUsable)
        #expect(error.description == "cannot log to \(directory[name]): it is \(what); the log must be a regular file")
        #expect(fileSystem.openDescriptors == 0)
    }

    @Test("is a symbolic link, wherever it leads")
    func symbolicLink() throws {
        try directory.append("precious\n", to: "target")
        #expect(symlink(directory["target"], directory["link"]) == 0)
        #expect(symlink(directory["nowhere"], directory["dangling"]) == 0)
        try expectNotUsable("link", "a symbolic link")
        try expectNotUsable("dangling", "a symbolic link")
        #expect(try directory.text("target") == "precious\n")
        #expect(!directory.exists("nowhere"))
    }

    @Test("is a FIFO, and nobody waits for its reader")
    func fifo() throws {
        #expect(mkfifo(directory["fifo"], 0o600) == 0)
        try expectNotUsable("fifo", "a FIFO")
    }

    @Test("is a directory")
    func directoryInPlace() throws {
        #expect(mkdir(directory["sub"], 0o700) == 0)
        try expectNotUsable("sub", "a directory")
    }

    #if os(Linux)
    @Test("is a socket")
    func socket() throws {
        #expect(mknod(directory["socket"], S_IFSOCK | 0o600, 0) == 0)
        try expectNotUsable("socket", "a socket")
    }

    @Test("is a device")
    func device() throws {
        let error = try error(path: "/dev/full")
        #expect(error.code == .notUsable)
        #expect(error.description == "cannot log to /dev/full: it is a device; the log must be a regular file")
    }
    #endif

    @Test("is another user's file", .enabled(if: geteuid() == 0, "only root can give a file away"))
    func foreignOwner() throws {
        try directory.append("", to: "theirs")
        #expect(chown(directory["theirs"], 4_242, 4_242) == 0)
        let error = try error(path: directory["theirs"])
        #expect(error.code == .notUsable)
        #expect(
            error.description
                == "cannot log to \(directory["theirs"]): it belongs to user 4242, and you are user 0"
        )
    }

    @Test("is a file without permission", .disabled(if: geteuid() == 0, "root has every permission"))
    func noPermission() throws {
        try directory.append("", to: "locked")
        #expect(chmod(directory["locked"], 0) == 0)
        let error = try error(path: directory["locked"])
        #expect(error.code == .openFailed)
        #expect(error.description == "cannot open the event log \(directory["locked"]): Permission denied")
    }

    @Test(
        "is named with the system's reason when the system refuses",
        arguments: [EACCES, EROFS, EMFILE, ENOSPC]
    )
    func refusedBySystem(code: Int32) throws {
        let fileSystem = FaultyFileSystem()
        fileSystem.openError = code
        let error = try error(path: directory["log"], fileSystem: fileSystem)
        #expect(error.code == .openFailed)
        #expect(error.errorNumber == code)
        #expect(error.description == "cannot open the event log \(directory["log"]): \(SystemError(code: code))")
    }

    @Test("lies below a file")
    func belowFile() throws {
        try directory.append("", to: "file")
        let error = try error(path: directory["file/sub/log"])
        #expect(error.code == .openFailed)
        #expect(error.errorNumber == ENOTDIR)
    }

    @Test("is not a directory that is a symbolic link, nor a hard link: both are fine")
    func fineLinks() throws {
        #expect(mkdir(directory["real"], 0o700) == 0)
        #expect(symlink(directory["real"], directory["linked"]) == 0)
        let event = Event(.taskStarted, from: "a")
        try EventLog(opening: EventLogConfig(path: directory["linked/log"])).append(event)
        #expect(try directory.events("real/log") == [event])
        #expect(link(directory["real/log"], directory["hard"]) == 0)
        try EventLog(opening: EventLogConfig(path: directory["hard"])).append(event)
        #expect(try directory.events("real/log") == [event, event])
    }

    @Test(
        "is found by its parent directory",
        arguments: [
            ("/a/b/c", "/a/b"), ("/a", "/"), ("/", "/"), ("a", "."), ("a/b", "a"), ("/a/b/", "/a"), ("/a//b", "/a"),
            ("a//", "."),
        ]
    )
    func parentDirectory(path: String, parent: String) {
        #expect(path.parentDirectory == parent)
    }
}
