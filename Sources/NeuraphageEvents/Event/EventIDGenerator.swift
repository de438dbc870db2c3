// Mints ids: UUIDv7, strictly increasing within the process, whatever the clock does.
//
// RFC 9562 section 6.2, method 2: within a millisecond, and while the clock stands behind the last id, the 74 random
// bits are raised by a random step instead of being drawn anew. Should they overflow, the id's millisecond is advanced
// by one. The random numbers come from a generator seeded once: one system call per id would cost more than the rest.

/// A source of event ids and of the times that go with them. Thread-safe.
///
/// Every event that is made without an explicit id takes it from one shared generator. Make one of your own only to
/// test with a clock of your own.
public final class EventIDGenerator: Sendable {
    private struct State {
        var millisecond: UInt64 = 0
        /// The 12 bits behind the version, and the 62 bits behind the variant.
        var randomHigh: UInt64 = 0
        var randomLow: UInt64 = 0
        var random: Xoshiro
    }

    package static let shared = EventIDGenerator()

    private let now: @Sendable () -> Timestamp
    private let state: Lock<State>

    /// A generator that reads the time from `now`: the system's wall clock if you don't say otherwise.
    public init(now: @escaping @Sendable () -> Timestamp = { Timestamp.now }) {
        self.now = now
        state = Lock(State(random: Xoshiro()))
    }

    /// A new id and the time at which it was minted.
    ///
    /// The id is greater than every id this generator has returned before, also when the clock has stepped back since.
    /// The time is what the clock says. Costs about 0.1 µs.
    public func mint() -> (id: EventID, timestamp: Timestamp) {
        let timestamp = now()
        let millisecond = UInt64(clamping: timestamp.microsecondsSinceEpoch / 1_000) & 0xffff_ffff_ffff
        let id = state.withLock { state in
            if millisecond > state.millisecond {
                state.millisecond = millisecond
                state.randomHigh = state.random.next() & 0xfff
                state.randomLow = state.random.next() & 0x3fff_ffff_ffff_ffff
            } else {
                Self.advance(&state)
            }
            return EventID(
                high: state.millisecond << 16 | 0x7000 | state.randomHigh,
                low: 1 << 63 | state.randomLow
            )
        }
        return (id, timestamp)
    }

    private static func advance(_ state: inout State) {
        state.randomLow += 1 + state.random.next() & 0xffff_ffff
        if state.randomLow > 0x3fff_ffff_ffff_ffff {
            state.randomLow &= 0x3fff_ffff_ffff_ffff
            state.randomHigh += 1
        }
        if state.randomHigh > 0xfff {
            state.randomHigh = 0
            state.millisecond += 1
        }
    }
}

/// xoshiro256** (Blackman and Vigna), seeded from the system's generator: fast, and good enough to keep ids apart.
private struct Xoshiro: RandomNumberGenerator {
    private var s: (UInt64, UInt64, UInt64, UInt64)

    init() {
        var system = SystemRandomNumberGenerator()
        s = (system.next(), system.next(), system.next(), system.next() | 1)
    }

    mutating func next() -> UInt64 {
        let result = Self.rotate(s.1 &* 5, by: 7) &* 9
        let shifted = s.1 << 17
        s.2 ^= s.0
        s.3 ^= s.1
        s.1 ^= s.2
        s.0 ^= s.3
        s.2 ^= shifted
        s.3 = Self.rotate(s.3, by: 45)
        return result
    }

    private static func rotate(_ value: UInt64, by count: UInt64) -> UInt64 {
        value << count | value >> (64 - count)
    }
}
