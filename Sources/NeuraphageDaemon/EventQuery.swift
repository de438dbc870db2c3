// Which events a request asks for: the filters of `np events`, as query parameters.

import HTTPTypes
import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageRequests

struct EventQuery {
    /// What both reading and following understand.
    static let filterNames = FilterField.allCases.map(\.rawValue) + ["after"]
    /// What only reading understands.
    static let readingNames = filterNames + ["last", "reverse"]

    private(set) var filter = EventFilter()
    private(set) var after: EventID?
    private(set) var last: Int?
    private(set) var isNewestFirst = false

    /// Reads a query, in which only these names may stand.
    init(_ query: String?, names: [String], now: Timestamp = .now) throws(HTTPProblem) {
        var seen: Set<String> = []
        for (name, value) in try QueryParameters(query).items {
            guard names.contains(name) else { throw Self.unknown(name, names) }
            let isRepeatable = FilterField(rawValue: name)?.isRepeatable ?? false
            guard seen.insert(name).inserted || isRepeatable else {
                throw HTTPProblem(.badRequest, "the query parameter '\(name)' stands twice")
            }
            do {
                try take(name, value, now: now)
            } catch let problem as HTTPProblem {
                throw problem
            } catch {
                throw HTTPProblem(.badRequest, "query parameter '\(name)': \(error)")
            }
        }
    }

    /// A query that takes no parameters.
    static func refuseParameters(_ query: String?) throws(HTTPProblem) {
        guard let first = try QueryParameters(query).items.first else { return }
        throw unknown(first.name, [])
    }

    /// That a query has a parameter of a name that there isn't.
    static func unknown(_ name: String, _ names: [String]) -> HTTPProblem {
        let hint = Suggestion.nearest(to: name, in: names).map { "; did you mean '\($0)'?" }
        let all = names.isEmpty ? "; this path takes none" : "; there are \(names.joined(separator: ", "))"
        return HTTPProblem(.badRequest, "there is no query parameter '\(name)'\(hint ?? all)")
    }

    private mutating func take(_ name: String, _ value: String, now: Timestamp) throws {
        if let field = FilterField(rawValue: name) {
            try filter.add(field, value) { text, bound throws(OperationError) in
                try TimeExpression.moment(text, as: bound, now: now)
            }
            return
        }
        switch name {
        case "after":
            guard !value.isEmpty else { throw OperationError(.usage, "it is empty") }
            after = EventID(value)
        case "last":
            guard let number = Int(value), number >= 0 else {
                throw HTTPProblem(.badRequest, "query parameter 'last': '\(value)' is not a number of events")
            }
            last = number
        default: isNewestFirst = try Bool(typed: value)
        }
    }
}
