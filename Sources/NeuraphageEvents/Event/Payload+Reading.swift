// Looking into a payload without building it: one pass over the text for a member, one for all its words.

extension Payload {
    /// A value found in a payload.
    package enum Found: Hashable {
        case string(String)
        /// Any other value, as its JSON text.
        case other(String)

        /// The string, or the JSON text.
        package var text: String {
            switch self {
            case .string(let text), .other(let text): text
            }
        }

        /// The string; `nil` for any other value.
        package var string: String? {
            if case .string(let text) = self { text } else { nil }
        }
    }

    /// How much the payload holds.
    var extent: JSONText.Extent {
        var json = json
        return json.withUTF8 { bytes in
            var extent = JSONText.Extent()
            var position = 0
            try? JSONText.skipValue(bytes.span, &position, &extent)
            return extent
        }
    }

    /// The value at `path`: keys of objects, or numbers of elements of arrays. The first of duplicate keys counts.
    package func value(at path: [String]) -> Found? {
        var json = json
        return json.withUTF8 { Self.value(at: path, $0.span) }
    }

    /// The value of a member of the payload itself.
    package subscript(_ key: String) -> Found? {
        value(at: [key])
    }

    /// The string of a member of the payload itself; `nil` if there is no such member, or it is not a string.
    package func string(_ key: String) -> String? {
        self[key]?.string
    }

    /// The payload with another member at its end, if there is a value for it and the payload is an object.
    package func adding(_ key: String, _ text: String?) -> Payload {
        guard let text, json.hasPrefix("{") else { return self }
        let member = JSONValue.object([(key, .string(text))])
        let rest = Payload(member).json.dropFirst()
        return Payload(validated: json == "{}" ? "{\(rest)" : "\(json.dropLast()),\(rest)")
    }

    /// The members of the payload itself, in their order; `nil` if it is not an object.
    package var members: [(key: String, value: Found)]? {
        var json = json
        return json.withUTF8 { bytes in
            let bytes = bytes.span
            var position = 0
            guard JSONText.skip("{", bytes, &position) else { return nil }
            var members: [(key: String, value: Found)] = []
            while position < bytes.count, let key = try? JSONText.skipKey(bytes, &position),
                let found = try? Self.found(bytes, position), (try? JSONText.skipValue(bytes, &position)) != nil
            {
                members.append((JSONText.decode(key, bytes), found))
                _ = JSONText.skip(",", bytes, &position)
            }
            return members
        }
    }

    /// The members of the payload itself by their keys, found in one pass; empty if it is not an object. The first of
    /// duplicate keys counts.
    package var membersByKey: [String: Found] {
        Dictionary((members ?? []).map { ($0.key, $0.value) }) { first, _ in first }
    }

    /// The strings of the array at `key`, up to the first element that is none; empty if there is no such array.
    package func strings(at key: String) -> [String] {
        var strings: [String] = []
        forEachElement(at: key) { element in
            guard let string = element.string else { return false }
            strings.append(string)
            return true
        }
        return strings
    }

    /// The objects, and whatever else is no string, of the array at `key`; empty if there is no such array.
    package func payloads(at key: String) -> [Payload] {
        var payloads: [Payload] = []
        forEachElement(at: key) { element in
            if case .other(let json) = element { payloads.append(Payload(validated: json)) }
            return true
        }
        return payloads
    }

    /// Hands over the elements of the array at `key`, in one pass, until `body` returns `false`.
    private func forEachElement(at key: String, _ body: (Found) -> Bool) {
        var json = json
        json.withUTF8 { bytes in
            let bytes = bytes.span
            var position = 0
            guard (try? Self.enter(key, bytes, &position)) == true, JSONText.skip("[", bytes, &position) else { return }
            while position < bytes.count, bytes[position] != UInt8(ascii: "]") {
                guard let found = try? Self.found(bytes, position), body(found),
                    (try? JSONText.skipValue(bytes, &position)) != nil
                else { return }
                _ = JSONText.skip(",", bytes, &position)
            }
        }
    }

    private static func value(at path: [String], _ bytes: Span<UInt8>) -> Found? {
        var position = 0
        do throws(JSONError) {
            for key in path {
                guard try enter(key, bytes, &position) else { return nil }
            }
            return try found(bytes, position)
        } catch {
            return nil
        }
    }

    /// Moves from the beginning of a container to the value at `key` in it.
    private static func enter(_ key: String, _ bytes: Span<UInt8>, _ position: inout Int) throws(JSONError) -> Bool {
        let isObject = JSONText.skip("{", bytes, &position)
        guard isObject || JSONText.skip("[", bytes, &position) else { return false }
        var index = 0
        while position < bytes.count, bytes[position] != UInt8(ascii: "}"), bytes[position] != UInt8(ascii: "]") {
            if isObject {
                if JSONText.decode(try JSONText.skipKey(bytes, &position), bytes) == key { return true }
            } else if String(index) == key {
                return true
            }
            try JSONText.skipValue(bytes, &position)
            _ = JSONText.skip(",", bytes, &position)
            index += 1
        }
        return false
    }

    private static func found(_ bytes: Span<UInt8>, _ start: Int) throws(JSONError) -> Found {
        var position = start
        if bytes[position] == UInt8(ascii: "\"") {
            return .string(JSONText.decode(try JSONText.skipString(bytes, &position), bytes))
        }
        try JSONText.skipValue(bytes, &position)
        return .other(JSONText.text(bytes, start..<position))
    }

    /// Whether `isMatch` holds for any key, string, number or literal of the payload.
    package func containsToken(where isMatch: (String) -> Bool) -> Bool {
        var json = json
        return json.withUTF8 { Self.containsToken($0.span, where: isMatch) }
    }

    private static func containsToken(_ bytes: Span<UInt8>, where isMatch: (String) -> Bool) -> Bool {
        var position = 0
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: ","),
                UInt8(ascii: ":"):
                position += 1
            default:
                guard let found = try? found(bytes, position) else { return false }
                if isMatch(found.text) { return true }
                guard (try? JSONText.skipValue(bytes, &position)) != nil else { return false }
            }
        }
        return false
    }
}
