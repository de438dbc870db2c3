// np ignores SIGPIPE and SIGXFSZ, so that a write that cannot be done fails with an error instead of ending np.
//
// A command that np starts must not inherit that: `yes` in a pipe would never end. So np remembers which of the two it
// was itself who ignored them.

import NeuraphagePlatform

enum IgnoredSignals {
    /// The signals that np ignores and whoever started np did not.
    static let byNP: [Int32] = [SIGPIPE, SIGXFSZ].filter { number in
        unsafeBitCast(signal(number, SIG_IGN), to: Int.self) != unsafeBitCast(SIG_IGN, to: Int.self)
    }

    /// Ignores them from now on. Call it first of all.
    static func begin() {
        _ = byNP
    }
}
