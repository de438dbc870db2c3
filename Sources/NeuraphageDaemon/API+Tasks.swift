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
        guard let place = queries.take() else {
            throw HTTPProblem.busy("\(limits.queries) queries are being answered at once; try again")
        }
        let isAbandoned = Lock(false)
        channel.closeFuture.whenComplete { _ in isAbandoned.withLock { $0 = true } }
        let (directory, path) = (directory, logConfig.path)
        let json = try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<String, any Error>) in
            let isStarted = DetachedThread.start {
                // The place is taken until the thread ends.
                withExtendedLifetime(place) {
                    continuation.resume(
                        with: Result {
                            let board = try TaskBoard.look(
                                in: directory,
                                logPath: path,
                                at: query.time,
                                dayBegan: query.dayBegan,
                                progress: { _, _ in
                                    if isAbandoned.withLock({ $0 }) { throw CancellationError() }
                                }
                            )
                            return board.json(try query.listing(of: board))
                        }
                    )
                }
            }
            if !isStarted {
                continuation.resume(throwing: HTTPProblem.busy("the system has no thread left; try again"))
            }
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
    /// When the day began that is shown.
    let dayBegan: Timestamp

    init(_ query: String?, now: Timestamp = .now) throws(HTTPProblem) {
        var seen: Set<String> = []
        for (name, value) in try QueryParameters(query).items {
            guard Self.names.contains(name) else { throw EventQuery.unknown(name, Self.names) }
            guard seen.insert(name).inserted || name == "task" else {
                throw HTTPProblem(.badRequest, "the query parameter '\(name)' stands twice")
            }
            do throws(OperationError) {
                switch name {
                case "task": tasks.insert(TaskID(asWritten: value))
                case "all": showsAll = try Bool(typed: value)
                default: time = try TimeExpression.moment(value, as: .until, now: now)
                }
            } catch {
                throw HTTPProblem(.badRequest, "query parameter '\(name)': \(error)")
            }
        }
        var day = LocalZone.utc.time(at: time ?? now)
        (day.hour, day.minute, day.second, day.microsecond) = (0, 0, 0, 0)
        dayBegan = Timestamp(microsecondsSinceEpoch: day.microsecondsSinceEpoch)
    }

    /// What is to be shown of a board.
    func listing(of board: TaskBoard) throws(HTTPProblem) -> TaskBoard.Listing {
        let unknown = tasks.subtracting(board.tasks.map(\.task)).map(\.description).min()
        if let unknown { throw HTTPProblem(.notFound, "there is no task '\(unknown)'") }
        return board.listing(all: showsAll, only: tasks)
    }
}
