// GET /v1/tasks/{task}/why: what led to where a task is, as `np why -o json` shows it.

import HTTPTypes
import HummingbirdCore
import NIOCore
import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageProjections
import NeuraphageStatus
import NeuraphageSystem

extension API {
    /// The story of the latest life of the task that the path names.
    func story(_ request: Request, _ channel: any Channel) async throws -> Response {
        let task = TaskID(asWritten: try Endpoint.task(in: request.uri.path))
        let at = try Self.moment(in: request.uri.query)
        let (directory, path) = (directory, logConfig.path)
        let story = try await working(for: channel) { isWanted in
            var reader = StoryReader(logPath: path, directory.files)
            (reader.until, reader.isWanted) = (at, isWanted)
            let life = try reader.latestLife(of: task, in: ProjectionStore(ofLogAt: path, in: directory)) { _, _ in
                if !isWanted() { throw CancellationError() }
            }
            return try life.map { try Story(ofLife: $0, of: task, at: at, in: directory, logPath: path) }
        }
        guard let story else { throw HTTPProblem(.notFound, "no event in \(path) is of a task '\(task)'") }
        return Response(
            status: .ok,
            headers: [.contentType: MediaType.json],
            body: ResponseBody(byteBuffer: ByteBuffer(string: story.graph.json + "\n"))
        )
    }

    /// The time that a query asks for, if it does.
    private static func moment(in query: String?) throws(HTTPProblem) -> Timestamp? {
        var moment: Timestamp?
        try QueryParameters(query).forEach(of: ["at"]) { _, value in
            moment = try TimeExpression.moment(value, as: .until, now: .now)
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
