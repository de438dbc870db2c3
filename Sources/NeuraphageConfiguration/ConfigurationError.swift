/// Why the configuration cannot be used: what is wrong, where, and what to write instead.
package struct ConfigurationError: Error, Hashable, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}
