// How much of requests that have not ended is in memory, for all clients together: each may send 4 MiB before it can be
// answered, and there may be a thousand of them. A request that is no larger than most events needs none of the room, so
// that clients that send much keep no event out.

import NeuraphageEvents

/// The room for requests that have not ended.
final class RequestRoom: Sendable {
    /// The part of it that one request has. Dropping it gives the part back.
    final class Share: Sendable {
        private let room: RequestRoom
        private let taken = Lock(0)

        fileprivate init(_ room: RequestRoom) {
            self.room = room
        }

        /// Says how much the request holds now, in bytes.
        ///
        /// - Returns: Whether there is room for it. If not, the share stays what it was.
        func resize(to bytes: Int) -> Bool {
            taken.withLock { taken in
                let wanted = max(0, bytes - RequestRoom.free)
                guard room.take(wanted - taken) else { return false }
                taken = wanted
                return true
            }
        }

        deinit {
            _ = room.take(-taken.withLock { $0 })
        }
    }

    /// How much each request may hold besides.
    private static let free = 16 << 10

    private let left: Lock<Int>

    init(bytes: Int) {
        left = Lock(bytes)
    }

    func share() -> Share { Share(self) }

    private func take(_ bytes: Int) -> Bool {
        left.withLock { left in
            guard bytes <= 0 || bytes <= left else { return false }
            left -= bytes
            return true
        }
    }
}
