// Names as a person types them, checked in one place.

package import NeuraphageEvents
package import NeuraphagePresentation

extension TaskID {
    /// The task of this name.
    ///
    /// - Throws: ``OperationError`` if it cannot be a task's name.
    package init(typed text: String) throws(OperationError) {
        self = try Name.typed(text, "the task id") { text throws(NameError) in try TaskID(text) }
    }
}

extension Name {
    /// What a name that was typed means.
    ///
    /// - Parameter what: What is called so, for the message.
    /// - Throws: ``OperationError`` if nothing can be called so.
    package static func typed<Named>(
        _ text: String,
        _ what: String,
        _ named: (String) throws(NameError) -> Named
    ) throws(OperationError) -> Named {
        try refuseRepaired(text, what)
        do throws(NameError) {
            return try named(text)
        } catch {
            throw OperationError(.usage, error.description)
        }
    }

    /// Refuses a name with U+FFFD: bytes that are not UTF-8 have all become this character, so two names would be one.
    ///
    /// - Parameter what: What is called so, for the message.
    private static func refuseRepaired(_ text: String, _ what: String) throws(OperationError) {
        guard text.unicodeScalars.contains("\u{FFFD}") else { return }
        throw OperationError(
            .usage,
            "\(what) is not UTF-8, or contains U+FFFD, which stands for bytes that are not",
            hint: "use another name"
        )
    }
}
