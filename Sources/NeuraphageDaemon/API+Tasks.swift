// GET /v1/tasks: how each task is, as `np -o json` would show it.

import HTTPTypes
import HummingbirdCore
import NIOCore
import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageRequests
import NeuraphageStatus

extension API {
    /// The tasks that the request asks for. A look at them is as much work as a query, and takes one of their places.
    func tasks(_ request: Request, _ channel: any Channel) async throws -> Response {
        let query = try TasksQuery(request.uri.query)
        let (directory, path) = (directory, logConfig.path)
        let json = try await working(for: channel) { isWanted in
            let board = try TaskBoard.look(
                in: directory,
                logPath: path,
                at: query.time,
                dayBegan: query.dayBegan,
                progress: { _, _ in if !isWanted() { throw CancellationError() } }
            )
            return board.json(try query.listing(of: board))
        }
        return .json(json)
    }
}

/// Which tasks a request asks for: the options of `np tasks`, as query parameters. UTC is the only time zone.
struct TasksQuery {
    private static let names = ["task", "all", "at"]

    private var tasks: Set<TaskID> = []
    private var showsAll = false
    /// The moment of the past that is asked for.
    private(set) var time: Timestamp?
    private let now: Timestamp

    init(_ query: String?, now: Timestamp = .now) throws(HTTPProblem) {
        self.now = now
        try QueryParameters(query).forEach(of: Self.names) {
            $0 == "task"
        } take: { name, value in
            switch name {
            case "task": tasks.insert(TaskID(asWritten: value))
            case "all": showsAll = try Bool(typed: value)
            default: time = try TimeExpression.moment(value, as: .until, now: now)
            }
        }
    }

    /// When the day began that is shown.
    var dayBegan: Timestamp { LocalZone.utc.beginningOfDay(time ?? now) }

    /// What is to be shown of a board.
    func listing(of board: TaskBoard) throws(HTTPProblem) -> TaskBoard.Listing {
        let unknown = tasks.subtracting(board.tasks.map(\.task)).map(\.description).min()
        if let unknown { throw HTTPProblem(.notFound, "there is no task '\(unknown)'") }
        return board.listing(all: showsAll, only: tasks)
    }
}
