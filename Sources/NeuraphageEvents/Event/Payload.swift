// An event's details, kept as the JSON text they came as.

/// The details of an event: any JSON value, kept as text.
///
/// The text survives as it is – the digits of a number, duplicate keys, escapes – but for white space between tokens.
/// A payload that isn't JSON cannot be made, nor one that holds more than 100,000 values, nests more than 64 deep or has
/// a number of more than 1,024 characters, which readers of the log could not be expected to take. Write one as a literal, or from JSON that you have:
///
/// ```swift
/// let payload: Payload = ["commit": "4f1c2d3", "commits_behind": 2]
/// let same = try Payload(json: #"{"commit":"4f1c2d3","commits_behind":2}"#)
/// ```
public struct Payload: Hashable, Sendable {
    /// The JSON text, without white space between tokens.
    public let json: String

    /// The empty object, `{}`.
    public static let empty = Payload(validated: "{}")

    /// The payload with this JSON text (RFC 8259), of any kind.
    ///
    /// - Throws: ``PayloadError`` if the text is not JSON, or is beyond what a payload may hold.
    public init(json text: String) throws(PayloadError) {
        var text = text
        let result = text.withUTF8 { Self.validate($0.span) }
        self = try result.get()
    }

    /// Text that is known to be JSON without white space between tokens.
    init(validated json: String) {
        self.json = json
    }

    private static func validate(_ bytes: Span<UInt8>) -> Result<Payload, PayloadError> {
        var position = 0
        do throws(JSONError) {
            try JSONText.skipValue(bytes, &position)
            JSONText.skipWhitespace(bytes, &position)
            guard position == bytes.count else {
                throw JSONError(offset: position, reason: "something follows the value")
            }
        } catch {
            let isLimit = [InputLimits.tooDeep, InputLimits.tooManyValues, InputLimits.numberTooLong].contains(
                error.reason
            )
            let what = isLimit ? "the payload is too much" : "the payload is not JSON"
            return .failure(PayloadError(description: "\(what): \(error)"))
        }
        return .success(Payload(validated: JSONText.removingWhitespace(bytes, 0..<bytes.count)))
    }
}

/// Why a text cannot be a payload.
public struct PayloadError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A sentence that says what is wrong with the text, and at which byte.
    public let description: String
}

extension Payload: CustomStringConvertible, ExpressibleByDictionaryLiteral {
    /// The JSON text.
    public var description: String { json }

    /// The object with these members, in this order.
    public init(dictionaryLiteral members: (String, JSONValue)...) {
        self.init(.object(members))
    }

    /// The payload that stands for `value`. If that is more than a payload may hold, it is an object that says so, with
    /// the beginning of the text: `{"_truncated":{"original_bytes":N},"preview":"…"}`.
    public init(_ value: JSONValue) {
        var text: [UInt8] = []
        value.encode(into: &text)
        if value.extent.isWithinLimits {
            json = String(decoding: text, as: UTF8.self)
        } else {
            self = Self.preview(text.span, within: Self.standardLimit)
        }
    }
}
