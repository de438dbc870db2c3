/// The name of a task, as a person gave it: printable text of 1 to 128 bytes.
///
/// A task that was read from a file keeps the text it has there, whatever it is.
public struct TaskID: Hashable, Sendable {
    /// The name.
    public let description: String

    /// The task of this name.
    ///
    /// - Throws: ``NameError`` if the name is empty, longer than 128 bytes of UTF-8, or contains a character that
    ///   doesn't print: controls, formatting and invisible characters.
    public init(_ name: String) throws(NameError) {
        if let problem = Name.problem(with: name, of: "the task id") { throw problem }
        description = name
    }

    /// The task of this name as it stands in a file, unchecked.
    package init(asWritten name: String) {
        description = name
    }
}

extension TaskID: CustomStringConvertible, ExpressibleByStringLiteral {
    /// The task of this name. A literal that is no task name is a mistake in the program and stops it.
    public init(stringLiteral name: String) {
        if let problem = Name.problem(with: name, of: "the task id") { preconditionFailure(problem.description) }
        description = name
    }
}
