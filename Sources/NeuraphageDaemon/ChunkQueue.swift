// From a thread that reads the log to a client that takes its time: a few chunks wait between them, and the thread
// blocks while that many do. So an answer of any size takes the same memory.

import Dispatch
import NIOCore
import NeuraphageEvents

/// Chunks on their way from a thread of their own to an asynchronous reader.
final class ChunkQueue<Summary: Sendable>: Sendable {
    /// Nobody wants the rest.
    struct Abandoned: Error {}

    private struct State {
        var chunks: [ByteBuffer] = []
        var end: Result<Summary, any Error>?
        var isAbandoned = false
        var reader: CheckedContinuation<Void, Never>?
    }

    private static var mostWaiting: Int { 4 }

    private let state = Lock(State())
    private let room = DispatchSemaphore(value: 0)

    init() {
        for _ in 0..<Self.mostWaiting { room.signal() }
    }

    /// Hands a chunk over, waiting until there is room for it. For the thread.
    func send(_ chunk: ByteBuffer) throws(Abandoned) {
        room.wait()
        let (isAbandoned, reader) = state.withLock { state in
            if !state.isAbandoned { state.chunks.append(chunk) }
            return (state.isAbandoned, Self.takeReader(&state))
        }
        reader?.resume()
        if isAbandoned { throw Abandoned() }
    }

    /// Says that this was all. For the thread.
    func finish(_ result: Result<Summary, any Error>) {
        let reader = state.withLock { state in
            state.end = result
            return Self.takeReader(&state)
        }
        reader?.resume()
    }

    /// The next chunk, or `nil` when there are no more.
    func next() async throws -> ByteBuffer? {
        while true {
            let (chunk, end) = state.withLock { state in
                (state.chunks.isEmpty ? nil : state.chunks.removeFirst(), state.end)
            }
            if let chunk {
                room.signal()
                return chunk
            }
            if let end {
                _ = try end.get()
                return nil
            }
            await wait()
        }
    }

    /// What the thread had to say at the end, if it has ended well.
    var summary: Summary? {
        state.withLock { try? $0.end?.get() }
    }

    /// Whether the rest isn't wanted.
    var isAbandoned: Bool { state.withLock { $0.isAbandoned } }

    /// Lets the thread end early.
    func abandon() {
        state.withLock { $0.isAbandoned = true }
        room.signal()
    }

    private func wait() async {
        await withCheckedContinuation { continuation in
            let mustNotWait = state.withLock { state in
                if !state.chunks.isEmpty || state.end != nil { return true }
                state.reader = continuation
                return false
            }
            if mustNotWait { continuation.resume() }
        }
    }

    private static func takeReader(_ state: inout State) -> CheckedContinuation<Void, Never>? {
        defer { state.reader = nil }
        return state.reader
    }
}
