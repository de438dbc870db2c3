// What the daemon answers to whom: a table of paths and methods, and the way every request takes. The paths are few and
// fixed, so a switch is the router. What each of them does stands in the extensions, a file for each.

import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageSystem
import NeuraphageWatching

/// The HTTP API, described in `openapi.json`.
struct API: Sendable {
    enum Endpoint: String, CaseIterable {
        case events = "/v1/events"
        case stream = "/v1/events/stream"
        case tasks = "/v1/tasks"
        case why = "/v1/tasks/{task}/why"
        case counts = "/v1/counts"
        case health = "/v1/health"
        case stop = "/v1/stop"
        case description = "/openapi.json"

        var methods: [HTTPRequest.Method] {
            switch self {
            case .events: [.get, .post]
            case .stop: [.post]
            case .stream, .tasks, .why, .counts, .health, .description: [.get]
            }
        }
    }

    /// How much of everything there may be.
    struct Limits: Sendable {
        var connections = 1_024
        var streams = 256
        var queries = 64
        var jsonBody = InputLimits.lineBytes
        /// How many bytes of requests that have not ended, of all clients together.
        var unfinishedBytes = 32 << 20
        var heartbeat = Duration.seconds(15)
        var patience = ClientGuard.Patience()
    }

    let publisher: Publisher
    let feed: EventFeed
    let logConfig: EventLogConfig
    let session: Session
    let limits: Limits
    let queries: QueryPlaces
    let room: RequestRoom
    /// The log as streams read it.
    let pages: LogPages
    let logger: Logger
    let directory: DataDirectory
    /// How it stands with each repository that is to be watched.
    let repositories: @Sendable () -> [RepositoryWatches.Status]
    /// Begins the daemon's end, in which this request is still answered.
    let stop: @Sendable () -> Void

    /// The door to the log's files.
    var files: any FileSystem { directory.files }

    /// Answers one request.
    func respond(_ request: Request, _ writer: consuming ResponseWriter, _ channel: any Channel) async throws {
        let response: Response
        do {
            let endpoint = try endpoint(of: request)
            if endpoint == .events, request.method == .post { try checkSubmission(request) }
            if request.headers[.expect]?.lowercased() == "100-continue" {
                try await writer.writeInformationalHead(HTTPResponse(status: .continue))
            }
            response = try await answer(endpoint, request, channel)
        } catch let problem as HTTPProblem {
            response = problem.response
        } catch let error as EventLogError {
            response = HTTPProblem(.internalServerError, error.description).response
        } catch let error as OperationError {
            response = HTTPProblem(.internalServerError, error.description).response
        }
        try await writer.write(response: response.head, body: response.body)
    }

    /// What the request is for, if it is for anything.
    private func endpoint(of request: Request) throws(HTTPProblem) -> Endpoint {
        guard let endpoint = Endpoint(path: request.uri.path) else {
            let paths = Endpoint.allCases.map(\.rawValue).joined(separator: ", ")
            throw HTTPProblem(.notFound, "there is nothing at \(request.uri.path); there are \(paths)")
        }
        guard endpoint.methods.contains(request.method) else {
            let methods = endpoint.methods.map(\.rawValue).joined(separator: ", ")
            var problem = HTTPProblem(
                .methodNotAllowed,
                "\(request.method.rawValue) is not possible for \(endpoint.rawValue); use \(methods)"
            )
            problem.fields[.allow] = methods
            throw problem
        }
        return endpoint
    }

    private func answer(_ endpoint: Endpoint, _ request: Request, _ channel: any Channel) async throws -> Response {
        switch endpoint {
        case .events where request.method == .post: return try await receive(request, channel)
        case .events: return try await events(request, channel)
        case .stream: return try await stream(request)
        case .tasks: return try await tasks(request, channel)
        case .why: return try await story(request, channel)
        case .counts:
            try EventQuery.refuseParameters(request.uri.query)
            return counts()
        case .health:
            try EventQuery.refuseParameters(request.uri.query)
            return health()
        case .stop:
            try EventQuery.refuseParameters(request.uri.query)
            stop()
            return stopping
        case .description:
            try EventQuery.refuseParameters(request.uri.query)
            return Response(
                status: .ok,
                headers: [.contentType: MediaType.json],
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: PackageResources.openapi_json))
            )
        }
    }
}
