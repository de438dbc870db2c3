import TestSupport
import Testing

@testable import NeuraphageEvents

@Suite("A number from outside", .apart)
struct SaturationTests {
    @Test("is added and multiplied up to the greatest and down to the least number, and no further")
    func saturating() {
        #expect(Int.max.saturatingPlus(1) == .max && Int.min.saturatingPlus(-1) == .min)
        #expect(Int.max.saturatingPlus(.min) == -1 && 2.saturatingPlus(3) == 5)
        #expect(UInt64.max.saturatingPlus(1) == .max)
        #expect(Int64.max.saturatingTimes(2) == .max && Int64.max.saturatingTimes(-2) == .min)
        #expect(Int64.min.saturatingTimes(-1) == .max && Int64.min.saturatingTimes(2) == .min)
        #expect((-3).saturatingTimes(2) == -6 && UInt64.max.saturatingTimes(2) == .max)
    }

    @Test("of seconds is held within what its unit can count")
    func units() {
        #expect(Duration.milliseconds(-1_999).milliseconds == -1_999)
        #expect(Duration.microseconds(1_999_999).milliseconds == 1_999)
        for (duration, limit) in [(Duration.seconds(Int64.max), Int64.max), (.seconds(Int64.min), .min)] {
            #expect(duration.milliseconds == limit && duration.microseconds == limit)
            #expect(duration.nanoseconds == UInt64(max(0, limit)))
        }
    }

    @Test("of the clock may be as large as it likes: a moment that never comes")
    func moments() {
        #expect(MonotonicClock.moment(after: .seconds(Int64.max)) == .max)
        let moment = MonotonicClock.moment(after: .seconds(-5))
        #expect(moment <= MonotonicClock.now)
        #expect(Timestamp.latest + .seconds(Int64.max) == .latest)
        #expect(Timestamp.earliest - .seconds(Int64.max) == .earliest)
    }
}
