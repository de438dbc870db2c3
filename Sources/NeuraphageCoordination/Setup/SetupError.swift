/// Why something could not be set up or taken back.
package struct SetupError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A sentence that says what is wrong, and what to do about it.
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}
