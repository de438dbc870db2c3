// Why something could not be done, as every room above the library says it: a code for programs, a sentence for people,
// and what to type instead. One place prints it: `np`'s Main.

/// Why an operation could not be done.
public struct OperationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of reason it is. More may come in later versions.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Value: String {
            case usage, configuration, files, git, setup, program, commandNotFound, cannotExecute, timedOut, newerFormat
            case failed
        }

        private let value: Value

        /// What was typed, or set in the environment, cannot be meant.
        public static let usage = Code(value: .usage)
        /// The configuration cannot be used.
        public static let configuration = Code(value: .configuration)
        /// The file system does not allow it.
        public static let files = Code(value: .files)
        /// git could not be asked, or refused.
        public static let git = Code(value: .git)
        /// A file could not be set up, or taken back.
        public static let setup = Code(value: .setup)
        /// A program that was asked gave no answer.
        public static let program = Code(value: .program)
        /// There is no such command to run.
        public static let commandNotFound = Code(value: .commandNotFound)
        /// The command is there and cannot be run.
        public static let cannotExecute = Code(value: .cannotExecute)
        /// It did not happen in time.
        public static let timedOut = Code(value: .timedOut)
        /// A file was written by a newer version.
        public static let newerFormat = Code(value: .newerFormat)
        /// Anything else.
        public static let failed = Code(value: .failed)

        /// The code's name.
        public var description: String { value.rawValue }
    }

    /// What kind of reason it is.
    public let code: Code
    /// What is wrong. May hold text from outside; make it visible before it reaches a terminal.
    public let sentence: String
    /// What to type or to do instead, where there is something.
    public let hint: String?

    package init(_ code: Code, _ sentence: String, hint: String? = nil) {
        self.code = code
        self.sentence = sentence
        self.hint = hint
    }

    /// The sentence and the hint in one line, for a place that has only one.
    public var description: String { hint.map { "\(sentence); \($0)" } ?? sentence }
}
