/// A JSON value to make a ``Payload`` of, usually written as a literal.
///
/// It is made to write payloads; to read one, use the text ``Payload/json`` with the decoder of your choice.
public struct JSONValue: Sendable {
    /// The value's JSON text.
    private let text: [UInt8]
    let extent: JSONText.Extent

    private init(_ extent: JSONText.Extent = .init(values: 1), _ write: (inout [UInt8]) -> Void) {
        var text: [UInt8] = []
        write(&text)
        self.text = text
        self.extent = extent
    }

    /// What an object or array of these holds.
    private static func extent(of values: some Sequence<JSONValue>) -> JSONText.Extent {
        values.reduce(into: JSONText.Extent(values: 1, depth: 1)) { extent, value in
            extent.values += value.extent.values
            extent.depth = max(extent.depth, value.extent.depth + 1)
        }
    }

    func encode(into line: inout [UInt8]) {
        line.append(contentsOf: text)
    }

    /// A string.
    public static func string(_ value: some StringProtocol) -> JSONValue {
        JSONValue { JSONText.encode(String(value), into: &$0) }
    }

    /// A string; `null` if there is none.
    package static func string(orNull value: String?) -> JSONValue { value.map { .string($0) } ?? .null }

    /// A whole number; `null` if it has more than 1,024 digits, which a payload may not hold.
    public static func integer(_ value: some BinaryInteger & Sendable) -> JSONValue {
        let digits = String(value)
        return JSONValue { $0.append(contentsOf: (digits.utf8.count > InputLimits.numberBytes ? "null" : digits).utf8) }
    }

    /// A number; `null` if it is not finite, which JSON cannot say.
    public static func number(_ value: Double) -> JSONValue {
        JSONValue { $0.append(contentsOf: (value.isFinite ? String(value) : "null").utf8) }
    }

    /// `true` or `false`.
    public static func bool(_ value: Bool) -> JSONValue {
        JSONValue { $0.append(contentsOf: (value ? "true" : "false").utf8) }
    }

    /// `null`.
    public static let null = JSONValue { $0.append(contentsOf: "null".utf8) }

    /// An array.
    public static func array(_ elements: [JSONValue]) -> JSONValue {
        JSONValue(extent(of: elements)) { text in
            text.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { text.append(UInt8(ascii: ",")) }
                element.encode(into: &text)
            }
            text.append(UInt8(ascii: "]"))
        }
    }

    /// An object with these members, in this order.
    public static func object(_ members: [(String, JSONValue)]) -> JSONValue {
        JSONValue(extent(of: members.lazy.map(\.1))) { text in
            text.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { text.append(UInt8(ascii: ",")) }
                JSONText.encode(member.0, into: &text)
                text.append(UInt8(ascii: ":"))
                member.1.encode(into: &text)
            }
            text.append(UInt8(ascii: "}"))
        }
    }

    /// The value whose text is the payload's.
    public static func payload(_ payload: Payload) -> JSONValue {
        JSONValue(payload.extent) { $0.append(contentsOf: payload.json.utf8) }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByNilLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// A string.
    public init(stringLiteral value: String) { self = .string(value) }
    /// A whole number.
    public init(integerLiteral value: Int) { self = .integer(value) }
    /// A number.
    public init(floatLiteral value: Double) { self = .number(value) }
    /// `true` or `false`.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// `null`.
    public init(nilLiteral: ()) { self = .null }
    /// An array.
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    /// An object with these members, in this order.
    public init(dictionaryLiteral members: (String, JSONValue)...) { self = .object(members) }
}
