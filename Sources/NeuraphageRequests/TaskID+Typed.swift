// Names as a person types them, checked in one place.

package import NeuraphageEvents
package import NeuraphagePresentation

extension TaskID {
    /// The task of this name.
    ///
    /// - Throws: ``OperationError`` if it cannot be a task's name.
    package init(typed text: String) throws(OperationError) {
        try Name.refuseRepaired(text, "the task id")
        do throws(NameError) {
            self = try TaskID(text)
        } catch {
            throw OperationError(.usage, error.description)
        }
    }
}

extension Name {
    /// Refuses a name with U+FFFD: bytes that are not UTF-8 have all become this character, so two names would be one.
    ///
    /// - Parameter what: What is called so, for the message.
    package static func refuseRepaired(_ text: String, _ what: String) throws(OperationError) {
        guard text.unicodeScalars.contains("\u{FFFD}") else { return }
        throw OperationError(
            .usage,
            "\(what) is not UTF-8, or contains U+FFFD, which stands for bytes that are not",
            hint: "use another name"
        )
    }
}
