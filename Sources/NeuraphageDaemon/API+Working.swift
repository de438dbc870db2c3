// Work that an answer takes: it blocks, so it gets a thread of its own and one of the places of queries, and it ends when
// the client has gone: its channel is asked, which any thread may do, because a callback for each request would stay as long as
// the connection.

import NIOCore
import NeuraphageEvents

extension API {
    /// One of the places of queries.
    func takePlace() throws(HTTPProblem) -> QueryPlaces.Place {
        guard let place = queries.take() else {
            throw HTTPProblem.busy("\(limits.queries) queries are being answered at once; try again")
        }
        return place
    }

    /// Runs `body` on a thread of its own, and waits for what it returns.
    ///
    /// - Parameter body: Gets to know whether the client still waits.
    func working<Result: Sendable>(
        for channel: any Channel,
        _ body: @escaping @Sendable (_ isWanted: @escaping @Sendable () -> Bool) throws -> Result
    ) async throws -> Result {
        let place = try takePlace()
        return try await withCheckedThrowingContinuation { continuation in
            let isStarted = DetachedThread.start {
                // The place is taken until the thread ends.
                withExtendedLifetime(place) {
                    continuation.resume(with: Swift.Result { try body { channel.isActive } })
                }
            }
            if !isStarted { continuation.resume(throwing: HTTPProblem.noThread) }
        }
    }
}

extension HTTPProblem {
    static var noThread: HTTPProblem { .busy("the system has no thread left; try again") }
}
