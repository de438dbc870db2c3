// Which events a request asks for: the filters of `np events`, as query parameters.

import HTTPTypes
import NeuraphageEvents

struct EventQuery {
    /// What both reading and following understand.
    static let filterNames = ["task", "kind", "problems", "since", "until", "text", "where", "after"]
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
            let isRepeatable = name == "task" || name == "kind" || name == "where"
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

    private static func unknown(_ name: String, _ names: [String]) -> HTTPProblem {
        let nearest = names.min { editDistance(name, $0) < editDistance(name, $1) }
        let hint = nearest.flatMap { editDistance(name, $0) <= 2 ? "; did you mean '\($0)'?" : nil }
        let all = names.isEmpty ? "; this path takes none" : "; there are \(names.joined(separator: ", "))"
        return HTTPProblem(.badRequest, "there is no query parameter '\(name)'\(hint ?? all)")
    }

    private mutating func take(_ name: String, _ value: String, now: Timestamp) throws {
        switch name {
        case "task": filter.tasks.insert(TaskID(asWritten: try Self.notEmpty(value)))
        case "kind": filter.kinds.append(try KindPattern(value))
        case "problems": if try Self.flag(value) { filter.kinds.append(KindPattern(EventFilter.problems)) }
        case "since": filter.since = try TimeExpression.moment(value, now: now)
        case "until": filter.until = try TimeExpression.moment(value, now: now)
        case "text": filter.text = try Self.notEmpty(value)
        case "where": filter.conditions.append(try EventFilter.Condition(value))
        case "after": after = EventID(try Self.notEmpty(value))
        case "last":
            guard let number = Int(value), number >= 0 else {
                throw HTTPProblem(.badRequest, "query parameter 'last': '\(value)' is not a number of events")
            }
            last = number
        default: isNewestFirst = try Self.flag(value)
        }
    }

    private static func notEmpty(_ value: String) throws(Mistake) -> String {
        guard !value.isEmpty else { throw Mistake(description: "it is empty") }
        return value
    }

    private static func flag(_ value: String) throws(Mistake) -> Bool {
        switch value {
        case "", "1", "true": true
        case "0", "false": false
        default: throw Mistake(description: "'\(value)' is neither true nor false")
        }
    }

    private struct Mistake: Error, CustomStringConvertible {
        let description: String
    }
}
