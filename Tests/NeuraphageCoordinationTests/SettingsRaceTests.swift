// Settings that another program replaces while np does: whatever the moment, the other program's latest version stays, and np
// is told to plan anew.

import NeuraphageEvents
import NeuraphagePlatform
import NeuraphagePresentation
import NeuraphageSystem
import TestSupport
import Testing

@testable import NeuraphageAgents

@Suite("A file of settings that another program writes", .apart)
struct SettingsRaceTests {
    /// A file system in which another program replaces the file just before names are exchanged, or a file is renamed.
    private final class RacingFiles: ForwardingFileSystem {
        private let state: Lock<(versions: [String], exchanges: Bool)>
        private let path: String

        init(_ path: String, versions: [String], canExchange: Bool = true) {
            self.path = path
            state = Lock((versions, canExchange))
        }

        private func race() {
            let version = state.withLock { $0.versions.isEmpty ? nil : $0.versions.removeFirst() }
            guard let version else { return }
            try? real.write(Array(version.utf8), to: path + ".other")
            try? real.rename(path + ".other", replacing: path)
        }

        func exchange(_ path: String, _ other: String) throws(SystemError) {
            guard state.withLock({ $0.exchanges }) else { throw SystemError(code: ENOTSUP) }
            race()
            try real.exchange(path, other)
        }

        func rename(_ path: String, withoutReplacing newPath: String) throws(SystemError) {
            race()
            try real.rename(path, withoutReplacing: newPath)
        }
    }

    private let directory: TemporaryDirectory
    private var path: String { directory["settings.json"] }
    private static let before = FileContents(bytes: Array("before".utf8))
    private static let after = FileContents(bytes: Array("after".utf8))

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func put(_ after: FileContents?, from before: FileContents?, _ files: any FileSystem) throws -> Bool {
        if let before, directory.read("settings.json") == nil {
            try RealFileSystem().write(before.bytes, to: path)
        }
        let change = FileChange(part: .claude, path: path, before: before, after: after)
        let isDone = try UserFiles(files: files).put(change, isPatient: false)
        #expect(try RealFileSystem().names(in: directory.path).filter { $0.hasSuffix(".np-new") } == [])
        return isDone
    }

    @Test("is changed if it is what it was")
    func unchanged() throws {
        #expect(try put(Self.after, from: Self.before, RealFileSystem()))
        #expect(directory.read("settings.json") == "after")
        #expect(try put(nil, from: Self.after, RealFileSystem()))
        #expect(directory.read("settings.json") == nil)
        #expect(try put(Self.after, from: nil, RealFileSystem()))
        #expect(directory.read("settings.json") == "after")
    }

    @Test("keeps the latest version of the other program, however often that writes meanwhile", arguments: 1...6)
    func overtaken(count: Int) throws {
        let versions = (1...count).map { "version \($0)" }
        #expect(try !put(Self.after, from: Self.before, RacingFiles(path, versions: versions)))
        #expect(directory.read("settings.json") == versions.last)
    }

    @Test("keeps the other program's version also if it is new, or was to be taken away")
    func newAndRemoved() throws {
        #expect(try !put(Self.after, from: nil, RacingFiles(path, versions: ["new"])))
        #expect(directory.read("settings.json") == "new")
        try directory.unlink("settings.json")
        #expect(try !put(nil, from: Self.before, RacingFiles(path, versions: ["newer"])))
        #expect(directory.read("settings.json") == "newer")
    }

    @Test("is changed without an exchange where the file system has none, unless it was written before")
    func noExchange() throws {
        #expect(try put(Self.after, from: Self.before, RacingFiles(path, versions: [], canExchange: false)))
        #expect(directory.read("settings.json") == "after")
        #expect(try !put(Self.after, from: Self.before, RacingFiles(path, versions: [], canExchange: false)))
        #expect(directory.read("settings.json") == "after")
    }

    @Test("is a clear error if it has become a directory")
    func becomesDirectory() throws {
        try RealFileSystem().makeDirectory(path, permissions: 0o700)
        let error = try #require(throws: OperationError.self) { try UserFiles(files: RealFileSystem()).read(path) }
        #expect(error.description == "\(path) is a directory, and has to be a file; move it elsewhere and try again")
        let change = FileChange(part: .claude, path: path, before: Self.before, after: Self.after)
        #expect(try !UserFiles(files: RealFileSystem()).put(change, isPatient: true))
        #expect(RealFileSystem().isDirectory(path))
    }
}
