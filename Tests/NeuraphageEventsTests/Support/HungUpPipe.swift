import Foundation
import TestSupport

/// A descriptor whose reader has gone: a follower that writes to it stops when it has read everything.
final class HungUpPipe {
    let descriptor: Int32

    init() throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw TemporaryDirectory.Failure(call: "pipe") }
        close(ends[0])
        descriptor = ends[1]
    }

    deinit {
        close(descriptor)
    }
}
