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
        try QueryParameters(query).forEach(of: names) {
            FilterField(rawValue: $0)?.isRepeatable ?? false
        } take: { name, value in
            try take(name, value, now: now)
        }
    }

    /// A query that takes no parameters.
    static func refuseParameters(_ query: String?) throws(HTTPProblem) {
        try QueryParameters(query).forEach(of: []) { _, _ in }
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
