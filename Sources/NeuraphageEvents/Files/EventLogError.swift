/// Why the log could not be opened, written or read.
public struct EventLogError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of trouble it is. More may come in later versions.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Value: String {
            case disabled, closed, cancelled, invalidConfiguration, notUsable, openFailed, writeFailed, readFailed
            case unknownPosition
        }

        private let value: Value

        /// The log is switched off by its configuration.
        public static let disabled = Code(value: .disabled)
        /// The log has been closed.
        public static let closed = Code(value: .closed)
        /// The task that waited was cancelled. What it published is logged and delivered all the same.
        public static let cancelled = Code(value: .cancelled)
        /// The configuration cannot be right.
        public static let invalidConfiguration = Code(value: .invalidConfiguration)
        /// What stands at the log's path is no file that a log may be written to.
        public static let notUsable = Code(value: .notUsable)
        /// The file, or a directory above it, could not be opened or made.
        public static let openFailed = Code(value: .openFailed)
        /// Events could not be written, locked or synchronized.
        public static let writeFailed = Code(value: .writeFailed)
        /// The file could not be read.
        public static let readFailed = Code(value: .readFailed)

        /// A position to read from is not one of this log, or what precedes it is not what it was.
        public static let unknownPosition = Code(value: .unknownPosition)

        /// The code's name.
        public var description: String { value.rawValue }
    }

    /// What kind of trouble it is.
    public let code: Code
    /// The file it is about.
    public let path: String
    /// The system's error number, if a system call failed.
    public let errorNumber: Int32?
    /// A sentence that says what went wrong and, where there is one, what to do about it.
    public let description: String

    package init(_ code: Code, path: String, because description: String) {
        self.code = code
        self.path = path
        self.errorNumber = nil
        self.description = description
    }

    package init(_ code: Code, path: String, _ failure: String, _ error: SystemError) {
        self.code = code
        self.path = path
        self.errorNumber = error.code
        self.description = "\(failure) \(path): \(error)"
    }
}
