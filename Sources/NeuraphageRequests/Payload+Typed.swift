// The details of an event as a person types them.

package import NeuraphageEvents
package import NeuraphagePresentation

extension Payload {
    /// The object with these members, each typed as `key=value`. A value that is JSON is taken as such, anything else as
    /// text.
    package init(typed members: [String]) throws(OperationError) {
        var found: [(String, JSONValue)] = []
        for member in members { found.append(try Self.member(member)) }
        self.init(.object(found))
    }

    private static func member(_ text: String) throws(OperationError) -> (String, JSONValue) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, !parts[0].isEmpty else {
            throw OperationError(.usage, "'\(text)' is not of the form key=value, such as commits_behind=2.")
        }
        if let json = try? Payload(json: parts[1]) { return (parts[0], .payload(json)) }
        return (parts[0], .string(parts[1]))
    }
}
