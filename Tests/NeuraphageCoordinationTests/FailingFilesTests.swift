// What is kept beside the log, on a file system on which one call fails: each file is replaced as a whole or not at all.

import NeuraphageEvents
import NeuraphagePlatform
import TestSupport
import Testing

@testable import NeuraphageAgents
@testable import NeuraphageSystem
@testable import NeuraphageTasks
@testable import NeuraphageWatching

/// The real file system, except that one call that changes something finds the disk full.
private final class FailingFiles: ForwardingFileSystem {
    private let callsLeft: Lock<Int>

    /// - Parameter number: Which call fails, from 0.
    init(failing number: Int) {
        callsLeft = Lock(number)
    }

    var hasFailed: Bool { callsLeft.withLock { $0 < 0 } }

    private func count() throws(SystemError) {
        let isDue = callsLeft.withLock { left in
            left -= 1
            return left == -1
        }
        if isDue { throw SystemError(code: ENOSPC) }
    }

    func open(_ path: String, flags: Int32, permissions: UInt32) throws(SystemError) -> Int32 {
        if flags & O_CREAT != 0 { try count() }
        return try real.open(path, flags: flags, permissions: permissions)
    }

    func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) throws(SystemError) -> Int {
        try count()
        return try real.write(descriptor, bytes)
    }

    func write(
        _ descriptor: Int32,
        _ bytes: UnsafeRawBufferPointer,
        at offset: Int64
    ) throws(SystemError) -> Int {
        try count()
        return try real.write(descriptor, bytes, at: offset)
    }

    func synchronize(_ descriptor: Int32) throws(SystemError) {
        try count()
        try real.synchronize(descriptor)
    }

    func setPermissions(_ permissions: UInt32, of descriptor: Int32) throws(SystemError) {
        try count()
        try real.setPermissions(permissions, of: descriptor)
    }

    func tryLock(_ descriptor: Int32, sharing isShared: Bool) throws(SystemError) -> Bool {
        try count()
        return try real.tryLock(descriptor, sharing: isShared)
    }

    func lock(_ descriptor: Int32, sharing isShared: Bool) throws(SystemError) {
        try count()
        try real.lock(descriptor, sharing: isShared)
    }

    func makeDirectory(_ path: String, permissions: UInt32) throws(SystemError) {
        try count()
        try real.makeDirectory(path, permissions: permissions)
    }

    func rename(_ path: String, replacing newPath: String) throws(SystemError) {
        try count()
        try real.rename(path, replacing: newPath)
    }
}

/// A change of a file in a data directory.
private enum Change: String, CaseIterable {
    case wholeFile, watchList, repositoryState, setupManifest, record

    private static func setUp(_ text: String) -> SetupRecord {
        SetupRecord(
            part: .claude,
            path: "/settings.json",
            repositories: ["/r"],
            directories: [],
            original: nil,
            installed: FileContents(bytes: Array(text.utf8))
        )
    }

    private static func state(_ branch: String) throws -> RepositoryState {
        try #require(RepositoryState(#"{"branch":"\#(branch)","local":null,"remote":null,"commit":null}"# + "\n"))
    }

    /// Does it: first to make the file, then to change it.
    func perform(_ isSecond: Bool, in directory: DataDirectory) throws {
        switch self {
        case .wholeFile:
            let contents = FileContents(bytes: Array((isSecond ? "second" : "first").utf8), permissions: 0o644)
            try WholeFile.replace(path(in: directory), with: contents, .fromPowerCuts, in: directory.files)
        case .watchList:
            try WatchList(in: directory).add(isSecond ? "/second" : "/first")
        case .repositoryState:
            try RepositoryMemory(of: "/r", in: directory).store(try Self.state(isSecond ? "second" : "first"))
        case .setupManifest:
            var manifest = try SetupManifest(in: directory)
            try manifest.set(Self.setUp(isSecond ? "second" : "first"))
        case .record:
            guard isSecond else { return }
            let note = OpenNote(about: ["pid": 1], begin: Event(.taskStarted, from: "t-1"))
            let record = try OpenRecord.create(note, at: path(in: directory), directory.files)
            _ = consume record
        }
    }

    func path(in directory: DataDirectory) -> String {
        switch self {
        case .wholeFile: directory.path + "/file"
        case .watchList: directory.watchList
        case .repositoryState: directory.repository("/r", at: "/r").state
        case .setupManifest: directory.setupManifest
        case .record: directory.ledger + "/run-1"
        }
    }
}

@Suite("Where one call on files fails", .apart)
struct FailingFilesTests {
    @Test("a file is what it was, or what it was to be, and nothing stays beside it", arguments: Change.allCases)
    fileprivate func wholeOrNot(change: Change) throws {
        var number = 0
        while true {
            let temporary = try TemporaryDirectory()
            let directory = DataDirectory(temporary.path)
            let path = change.path(in: directory)
            try directory.files.makeDirectories(path.parentDirectory)
            try change.perform(false, in: directory)
            // An empty record is none: whoever finds it removes it.
            let before = (try? directory.files.contents(of: path, atMost: 1 << 20)) ?? ""

            let files = FailingFiles(failing: number)
            var failure: (any Error)?
            do { try change.perform(true, in: DataDirectory(temporary.path, files: files)) } catch { failure = error }
            guard files.hasFailed else {
                #expect(failure == nil)
                break
            }
            let after = (try? directory.files.contents(of: path, atMost: 1 << 20)) ?? ""
            if failure == nil {
                #expect(after != before, "call \(number)")
            } else {
                #expect(after == before, "call \(number)")
                #expect("\(failure ?? CancellationError())".contains("No space left"), "call \(number)")
            }
            let names = try directory.files.names(in: path.parentDirectory)
            #expect(!names.contains { $0.hasSuffix(".np-new") }, "call \(number): \(names)")

            try change.perform(true, in: directory)
            let repaired = try directory.files.contents(of: path, atMost: 1 << 20)
            #expect(repaired != before && !repaired.isEmpty, "call \(number)")
            number += 1
        }
        #expect(number >= 2)
    }
}
