/// Why the daemon cannot serve.
public struct DaemonError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of trouble it is. More may come in later versions.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Value: String {
            case alreadyRunning, unsafeDirectory, unusableSocket, systemFailure, unlogged
        }

        private let value: Value

        /// Another daemon serves the data directory, or answers on the socket.
        public static let alreadyRunning = Code(value: .alreadyRunning)
        /// A directory is not ours alone.
        public static let unsafeDirectory = Code(value: .unsafeDirectory)
        /// The socket's path cannot be one.
        public static let unusableSocket = Code(value: .unusableSocket)
        /// It has ended in order, and there are events that the log could not take.
        public static let unlogged = Code(value: .unlogged)
        /// A call to the system failed.
        public static let systemFailure = Code(value: .systemFailure)

        /// The code's name.
        public var description: String { value.rawValue }
    }

    /// What kind of trouble it is.
    public let code: Code
    /// A sentence that says what went wrong and what to do about it.
    public let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
