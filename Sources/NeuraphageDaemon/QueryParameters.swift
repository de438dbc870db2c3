import HTTPTypes
import NeuraphagePresentation

/// The part of a request's target behind the question mark, decoded: names and values in their order.
struct QueryParameters {
    private(set) var items: [(name: String, value: String)] = []

    init(_ query: String?) throws(HTTPProblem) {
        for part in (query ?? "").split(separator: "&") {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            items.append((try Self.decode(pair[0]), pair.count == 2 ? try Self.decode(pair[1]) : ""))
        }
    }

    /// Hands over each parameter, of which only these names may be there, and one that isn't repeatable only once.
    ///
    /// - Throws: `HTTPProblem`, also for what `take` throws, with the name of the parameter.
    func forEach(
        of names: [String],
        repeatable isRepeatable: (String) -> Bool = { _ in false },
        take: (_ name: String, _ value: String) throws -> Void
    ) throws(HTTPProblem) {
        var seen: Set<String> = []
        for (name, value) in items {
            guard names.contains(name) else { throw Self.unknown(name, names) }
            guard seen.insert(name).inserted || isRepeatable(name) else {
                throw HTTPProblem(.badRequest, "the query parameter '\(name)' stands twice")
            }
            do {
                try take(name, value)
            } catch let problem as HTTPProblem {
                throw problem
            } catch {
                throw HTTPProblem(.badRequest, "query parameter '\(name)': \(error)")
            }
        }
    }

    /// That a query has a parameter of a name that there isn't.
    private static func unknown(_ name: String, _ names: [String]) -> HTTPProblem {
        let hint = Suggestion.nearest(to: name, in: names).map { "; did you mean '\($0)'?" }
        let all = names.isEmpty ? "; this path takes none" : "; there are \(names.joined(separator: ", "))"
        return HTTPProblem(.badRequest, "there is no query parameter '\(name)'\(hint ?? all)")
    }

    /// Undoes percent-encoding; in a query, a plus is a space.
    static func decode(_ text: Substring, isQuery: Bool = true) throws(HTTPProblem) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+") where isQuery: bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                let digits = rest.prefix(2)
                guard digits.count == 2, digits.allSatisfy(isHexDigit),
                    let value = UInt8(String(Substring(digits)), radix: 16)
                else {
                    throw HTTPProblem(
                        .badRequest,
                        "in the request's target, '\(text)' has a % without two hexadecimal digits"
                    )
                }
                bytes.append(value)
                rest = rest.dropFirst(2)
            default: bytes.append(byte)
            }
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else {
            throw HTTPProblem(.badRequest, "in the request's target, '\(text)' is not UTF-8")
        }
        return decoded
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }
}
