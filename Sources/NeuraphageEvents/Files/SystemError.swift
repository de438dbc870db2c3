import NeuraphagePlatform

/// A system call that failed.
package struct SystemError: Error, Hashable, CustomStringConvertible {
    /// The error number, such as `ENOSPC`.
    package let code: Int32

    package init(code: Int32) {
        self.code = code
    }

    /// The system's own words, such as "No space left on device".
    package var description: String { String(cString: strerror(code)) }
}

extension SystemError {
    /// Whether there is nothing at the path, or no directory on the way to it.
    package var isNoSuchFile: Bool { code == ENOENT || code == ENOTDIR }
}

/// Repeats a system call as long as a signal interrupts it.
package func repeatingInterrupted<Result>(
    _ call: () throws(SystemError) -> Result
) throws(SystemError) -> Result {
    while true {
        do throws(SystemError) {
            return try call()
        } catch {
            if error.code != EINTR { throw error }
        }
    }
}
