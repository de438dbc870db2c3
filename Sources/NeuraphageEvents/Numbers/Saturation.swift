// Arithmetic on numbers that this program did not choose: from a payload, a file's name, a setting, a clock or the network.
//
// Swift's own operators stop the process on overflow, which is right for a mistake of ours and wrong for a line of
// somebody else's. These stop at the nearest number that there is.

extension FixedWidthInteger {
    /// The sum, or the nearest number to it that there is.
    package func saturatingPlus(_ other: Self) -> Self {
        let (sum, isTooMuch) = addingReportingOverflow(other)
        return isTooMuch ? (other < 0 ? .min : .max) : sum
    }

    /// The product, or the nearest number to it that there is.
    package func saturatingTimes(_ factor: Self) -> Self {
        let (product, isTooMuch) = multipliedReportingOverflow(by: factor)
        return isTooMuch ? ((self < 0) != (factor < 0) ? .min : .max) : product
    }
}

extension Duration {
    /// How many whole units of so many fit into a second, cut off toward zero and held within what an `Int64` can say.
    private func whole(perSecond units: Int64) -> Int64 {
        let (seconds, attoseconds) = components
        return seconds.saturatingTimes(units).saturatingPlus(attoseconds / (1_000_000_000_000_000_000 / units))
    }

    /// The whole milliseconds, as payloads have durations.
    package var milliseconds: Int64 { whole(perSecond: 1_000) }

    /// The whole microseconds.
    package var microseconds: Int64 { whole(perSecond: 1_000_000) }

    /// The whole nanoseconds; 0 if it is negative.
    package var nanoseconds: UInt64 { UInt64(max(0, whole(perSecond: 1_000_000_000))) }
}
