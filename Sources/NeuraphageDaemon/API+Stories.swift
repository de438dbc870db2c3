// GET /v1/tasks/{task}/why: what led to where a task is, as `np why -o json` shows it.

import HTTPTypes
import HummingbirdCore
import NIOCore
import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageProjections

extension API {
    /// The story of the latest life of the task that the path names.
    func story(_ request: Request, _ channel: any Channel) async throws -> Response {
        let task = TaskID(asWritten: try Endpoint.task(in: request.uri.path))
        let at = try Self.moment(in: request.uri.query)
        guard let place = queries.take() else {
            throw HTTPProblem.busy("\(limits.queries) queries are being answered at once; try again")
        }
        let queue = ChunkQueue<Story?>()
        channel.closeFuture.whenComplete { _ in queue.abandon() }
        var reader = StoryReader(logPath: logConfig.path, files)
        reader.until = at
        reader.isWanted = { !queue.isAbandoned }
        let isStarted = DetachedThread.start { [reader] in
            // The place is taken until the thread ends.
            withExtendedLifetime(place) {
                queue.finish(Result { try reader.latestLife(of: task).map { Story($0, at: at ?? .now) } })
            }
        }
        guard isStarted else { throw HTTPProblem.busy("the system has no thread left; try again") }
        _ = try await queue.next()
        guard let story = queue.summary.flatMap(\.self) else {
            throw HTTPProblem(.notFound, "no event in \(logConfig.path) is of a task '\(task)'")
        }
        return Response(
            status: .ok,
            headers: [.contentType: MediaType.json],
            body: ResponseBody(byteBuffer: ByteBuffer(string: story.graph.json + "\n"))
        )
    }

    /// The time that a query asks for, if it does.
    private static func moment(in query: String?) throws(HTTPProblem) -> Timestamp? {
        var moment: Timestamp?
        for (name, value) in try QueryParameters(query).items {
            guard name == "at" else {
                throw HTTPProblem(.badRequest, "there is no query parameter '\(name)'; there is at")
            }
            guard moment == nil else { throw HTTPProblem(.badRequest, "the query parameter 'at' stands twice") }
            do {
                moment = try TimeExpression.moment(value, as: .until, now: .now)
            } catch {
                throw HTTPProblem(.badRequest, "query parameter 'at': \(error)")
            }
        }
        return moment
    }
}

extension API.Endpoint {
    private static let (beforeTask, afterTask) = ("/v1/tasks/", "/why")

    /// The endpoint of a path.
    init?(path: String) {
        if path.hasPrefix(Self.beforeTask), path.hasSuffix(Self.afterTask),
            path.utf8.count > Self.beforeTask.utf8.count + Self.afterTask.utf8.count
        {
            self = .why
        } else if let endpoint = Self(rawValue: path), endpoint != .why {
            self = endpoint
        } else {
            return nil
        }
    }

    /// The task that a path of a story names.
    fileprivate static func task(in path: String) throws(HTTPProblem) -> String {
        try QueryParameters.decode(path.dropFirst(beforeTask.count).dropLast(afterTask.count), isQuery: false)
    }
}
