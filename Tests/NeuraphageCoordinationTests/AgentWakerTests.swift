// Waiting beside an agent while its Stop hook tells that the turn has ended: the agent is woken for what came during the turn,
// whether that hook is done or not.

import NeuraphageEvents
import NeuraphagePlatform
import TestSupport
import Testing

@testable import NeuraphageSystem
@testable import NeuraphageTasks

/// The real file system, which tells when the waker has looked at the turn.
private final class WatchedFiles: ForwardingFileSystem {
    private struct State {
        var reading: Set<Int32> = []
        var readCount = 0
        var isAskedFor = false
    }

    private let turn = Lock(State())
    private let changed = Condition()

    /// Waits until the waker wants the turn's lock, or has read the turn twice without it, as it does before it waits.
    func waitForLook() throws {
        try wait(for: "the waker to look at the turn", on: turn, changed) { $0.isAskedFor ? () : nil }
    }

    func open(_ path: String, flags: Int32, permissions: UInt32) throws(SystemError) -> Int32 {
        let descriptor = try real.open(path, flags: flags, permissions: permissions)
        guard path.contains("/" + DataDirectory.RecordPrefix.turn) else { return descriptor }
        turn.withLock { turn in
            if flags & O_CREAT == 0 { turn.reading.insert(descriptor) } else { turn.isAskedFor = true }
        }
        changed.broadcast()
        return descriptor
    }

    func close(_ descriptor: Int32) {
        real.close(descriptor)
        turn.withLock { turn in
            if turn.reading.remove(descriptor) != nil { turn.readCount += 1 }
            if turn.readCount > 1 { turn.isAskedFor = true }
        }
        changed.broadcast()
    }
}

@Suite("An agent that stops when a message has come during its turn", .apart)
struct AgentWakerTests {
    private let hook: AgentHookCase
    private let session = AgentSession(agent: .claude, id: "s-1")
    private let message = Event(.nudgeSent, to: "t-1", payload: ["message": "word"])

    init() throws {
        hook = try AgentHookCase()
        _ = try hook.hear(.claude, event: "SessionStart")
        _ = try hook.hear(.claude, event: "UserPromptSubmit")
        try hook.append(message)
        let turn = AgentSessions(in: DataDirectory(hook.directory("data"))).turn(of: session)
        try #require(turn?.begin != nil && turn?.hasEnded == false)
    }

    private func waker(_ files: WatchedFiles) -> AgentWaker {
        let data = DataDirectory(hook.directory("data"), files: files)
        return AgentWaker(session, of: "t-1", logPath: hook.log.path, in: data)
    }

    /// What the Stop hook does.
    ///
    /// - Parameter published: Called when the log has the end, and before that is written down.
    private func end() -> @Sendable (_ published: () throws -> Void) throws -> Void {
        let (config, session, data) = (hook.log, session, DataDirectory(hook.directory("data")))
        return { published in
            _ = try AgentSessions(in: data).endTurn(nil, in: session) { _ in
                let log = try EventLog(opening: config)
                defer { log.close() }
                #expect(log.append(contentsOf: [Event(.custom("AgentTurnEnded"), from: "t-1")]).error == nil)
                try published()
            }
        }
    }

    @Test("is woken also if the log has the end before it is written down")
    func endInLogOnly() throws {
        let isPublished = Lock(false)
        let changed = Condition()
        let files = WatchedFiles()
        let (end, waker) = (end(), waker(files))
        let news = try onThreads(2) { index -> Result<[Event], any Error> in
            Result {
                if index == 0 {
                    try end {
                        isPublished.withLock { $0 = true }
                        changed.broadcast()
                        try files.waitForLook()
                    }
                    return []
                }
                try wait(for: "the end to be published", on: isPublished, changed) { $0 ? () : nil }
                let deadline = MonotonicClock.moment(after: patience)
                return try waker.wait(until: deadline, for: { _ in true }, output: nil)
            }
        }
        #expect(try news.flatMap { try $0.get() } == [message])
    }
}
