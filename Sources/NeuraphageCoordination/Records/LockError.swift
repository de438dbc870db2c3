import NeuraphageEvents

/// Why a lock cannot be used at all: the file system doesn't let us. A lock that somebody else holds is no error.
public struct LockError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A sentence that says what could not be done with which file, and why.
    public let description: String

    init(cannot what: String, _ path: String, _ error: SystemError) {
        description = "cannot \(what) \(path): \(error)"
    }
}
