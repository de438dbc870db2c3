package import NeuraphageEvents

/// The moment of an RFC 3339 text.
package func moment(_ text: String) throws -> Timestamp {
    guard let moment = Timestamp(text) else { throw TemporaryDirectory.Failure(call: "Timestamp(\(text))") }
    return moment
}
