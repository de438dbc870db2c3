// Settling while other processes look at the same records, or read an inbox: what they prevent is done in a moment.

import Foundation
import NeuraphageEvents
import NeuraphagePlatform
import TestSupport
import Testing

@testable import NeuraphageSystem
@testable import NeuraphageTasks

/// A lock of another process, until it lets go of it.
private final class OthersLock: Sendable {
    private let descriptor: Lock<Int32?>

    init(_ path: String, sharing isShared: Bool) throws {
        let files = RealFileSystem()
        _ = try files.makeDirectories(path.parentDirectory)
        let opened = try files.open(path, flags: O_RDWR | O_CREAT | O_CLOEXEC, permissions: 0o600)
        descriptor = Lock(opened)
        // A process that another test starts may have it until it is itself.
        try wait(for: "the lock \(path)") { try files.tryLock(opened, sharing: isShared) }
    }

    deinit { release() }

    func release() {
        descriptor.withLock { descriptor in
            if let opened = descriptor.take() { RealFileSystem().close(opened) }
        }
    }
}

/// The real file system, which tells of what is done with locks.
private final class ObservedFiles: ForwardingFileSystem {
    private let name: String
    private let opened: @Sendable (_ count: Int) -> Void
    private let refused: @Sendable () -> Void
    private let waited: @Sendable () -> Void
    private let openedCount = Lock(0)

    /// - Parameters:
    ///   - name: The file of which `opened` is called, each time it is opened.
    ///   - refused: Called when a lock was not free.
    ///   - waited: Called when a lock is waited for.
    init(
        _ name: String = "",
        opened: @escaping @Sendable (_ count: Int) -> Void = { _ in },
        refused: @escaping @Sendable () -> Void = {},
        waited: @escaping @Sendable () -> Void = {}
    ) {
        self.name = "/" + name
        self.opened = opened
        self.refused = refused
        self.waited = waited
    }

    func open(_ path: String, flags: Int32, permissions: UInt32) throws(SystemError) -> Int32 {
        if path.hasSuffix(name) {
            opened(
                openedCount.withLock { count in
                    count += 1
                    return count
                }
            )
        }
        return try real.open(path, flags: flags, permissions: permissions)
    }

    func tryLock(_ descriptor: Int32, sharing isShared: Bool) throws(SystemError) -> Bool {
        let isLocked = try real.tryLock(descriptor, sharing: isShared)
        if !isLocked { refused() }
        return isLocked
    }

    func lock(_ descriptor: Int32, sharing isShared: Bool) throws(SystemError) {
        waited()
        try real.lock(descriptor, sharing: isShared)
    }
}

@Suite("Settling beside other processes", .apart)
struct SettlingTests {
    private let directory: TemporaryDirectory
    private let data: DataDirectory
    private let log: EventLog

    init() throws {
        directory = try TemporaryDirectory()
        data = DataDirectory(directory.path)
        log = try EventLog(opening: EventLogConfig(dataDirectory: directory.path))
    }

    private func ledger(_ files: any FileSystem = RealFileSystem()) -> Ledger {
        Ledger(in: DataDirectory(directory.path, files: files))
    }

    private func kinds() throws -> [EventKind] { try directory.events(EventLogConfig.fileName).map(\.kind) }

    /// The record of a run that has died where its process cannot be seen.
    private func deadRun() throws -> String {
        let path = data.ledger + "/" + DataDirectory.RecordPrefix.run + "1"
        let begin = Event(.taskStarted, from: "t-1")
        _ = try data.files.makeDirectories(data.ledger)
        let record = try OpenRecord.create(OpenNote(about: ["directory": "/"], begin: begin), at: path, data.files)
        _ = consume record
        #expect(log.append(contentsOf: [begin]).error == nil)
        return path
    }

    // MARK: - Looks

    @Test("sees the same of a record, whichever other processes look at it")
    func looks() throws {
        let look = try OthersLock(try deadRun(), sharing: true)
        #expect(OpenWork(in: data).runs.map(\.presence) == [.gone])
        #expect(TaskRecords(in: data).runs.isEmpty)
        #expect(ledger().needsSettling)
        look.release()
    }

    @Test("waits a moment for a process that looks at a record")
    func settlingDuringLook() throws {
        let path = try deadRun()
        let look = try OthersLock(path, sharing: true)
        let taken = ledger(ObservedFiles(refused: { look.release() })).settleProcesses(publishingTo: EventBus(log: log))
        #expect(taken == [path])
        #expect(try kinds() == [.taskStarted, .taskFailed])
    }

    @Test("comes back to a record at which a process has looked for longer")
    func settlingAfterLook() throws {
        let look = try OthersLock(try deadRun(), sharing: true)
        let files = ObservedFiles("settling.lock", opened: { if $0 == 2 { look.release() } })
        ledger(files).settleOrphans(publishingTo: EventBus(log: log))
        #expect(try kinds() == [.taskStarted, .taskFailed])
    }

    @Test("lets a daemon begin while a process looks whether there is one")
    func daemonDuringLook() throws {
        let look = try OthersLock(data.daemonLock, sharing: true)
        let files = ObservedFiles(refused: { look.release() })
        #expect(try DaemonLock(in: DataDirectory(directory.path, files: files)) != nil)
    }

    // MARK: - Turns

    @Test("is done by the process that waits to do it next, however long that takes, because others rely on it")
    func waitingInTurn() throws {
        let other = try OthersLock(data.settlingLock, sharing: false)
        let waiting = Lock<ObjectIdentifier?>(nil)
        let isWaiting = NeuraphageEvents.Condition()
        let files = ObservedFiles(waited: {
            waiting.withLock { $0 = ObjectIdentifier(Thread.current) }
            isWaiting.broadcast()
        })
        let path = data.settlingLock
        let results = try onThreads(2) { index -> Result<Bool, any Error> in
            Result {
                if index == 0 {
                    let lock = try LockFile.takeInTurn(path, in: files)
                    guard lock != nil else { return false }
                    // What waits with a limit has another thread that waits, and is left when the time is over.
                    return waiting.withLock { $0 == ObjectIdentifier(Thread.current) }
                }
                _ = try wait(for: "the lock to be waited for", on: waiting, isWaiting) { $0 }
                let third = try LockFile.takeInTurn(path, in: RealFileSystem())
                let isLeftToOther = third == nil
                other.release()
                return isLeftToOther
            }
        }
        #expect(try results.allSatisfy { try $0.get() })
    }

    // MARK: - Messages that reached no task

    /// Another reader of the inbox of `t-1`, which has left a message unread.
    private func reader() throws -> OthersLock {
        let events = [Event(.nudgeSent, to: "t-1", payload: ["message": "word"]), Event(.taskCompleted, from: "t-1")]
        #expect(log.append(contentsOf: events).error == nil)
        let number = "t-1".utf8.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xff }
        return try OthersLock("\(data.inbox)/\(number).lock", sharing: false)
    }

    @Test("tells which messages reached no task once a reader of the inbox has done")
    func tellingAfterReader() throws {
        let reader = try reader()
        let files = ObservedFiles("settling.lock", opened: { if $0 == 2 { reader.release() } })
        ledger(files).settleOrphans(publishingTo: EventBus(log: log))
        #expect(try kinds() == [.nudgeSent, .taskCompleted, .notificationUndelivered])
    }

    @Test("leaves it to others if a reader keeps the inbox")
    func tellingNothing() throws {
        let reader = try reader()
        let count = Lock(0)
        let files = ObservedFiles("settling.lock", opened: { opened in count.withLock { $0 = opened } })
        ledger(files).settleOrphans(publishingTo: EventBus(log: log))
        #expect(try kinds() == [.nudgeSent, .taskCompleted])
        #expect(count.withLock { $0 } == 3)
        reader.release()
    }
}
