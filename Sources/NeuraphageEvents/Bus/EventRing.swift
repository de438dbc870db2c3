// The memory of the bus: the latest events, numbered, in one ring. History and delivery both read it.

/// The latest events, bounded in number and in bytes. A plain data structure: no lock, no threads.
///
/// Every event gets the next position; positions never repeat. A reader keeps the position of the event it wants next,
/// and can tell from ``oldest`` exactly how many it has missed.
struct EventRing {
    private struct Slot {
        var event: Event
        var bytes: Int
    }

    /// The position that the next event will get.
    private(set) var end: UInt64 = 0
    /// The position of the oldest event that is still here; `end` if there is none.
    private(set) var oldest: UInt64 = 0
    private var slots: [Slot?]
    private var bytes = 0
    private let maxBytes: Int

    init(capacity: Int, maxBytes: Int) {
        slots = Array(repeating: nil, count: capacity)
        self.maxBytes = maxBytes
    }

    /// The event at a position from ``oldest`` up to, but not including, ``end``.
    subscript(position: UInt64) -> Event? {
        guard position >= oldest, position < end else { return nil }
        return slots[index(position)]?.event
    }

    /// Adds an event. The oldest ones make room for it; it stays itself, however large.
    mutating func append(_ event: Event) {
        let size = event.payload.json.utf8.count + 256  // 256: about what the rest of an event takes
        while end > oldest, end - oldest == slots.count || bytes + size > maxBytes { removeOldest() }
        slots[index(end)] = Slot(event: event, bytes: size)
        bytes += size
        end += 1
    }

    /// Removes all events; positions go on.
    mutating func removeAll() {
        while oldest < end { removeOldest() }
    }

    private mutating func removeOldest() {
        bytes -= slots[index(oldest)]?.bytes ?? 0
        slots[index(oldest)] = nil
        oldest += 1
    }

    private func index(_ position: UInt64) -> Int {
        Int(position % UInt64(slots.count))
    }
}
