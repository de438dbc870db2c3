import Foundation
import NeuraphageEvents
import TestSupport
import Testing

@Suite("Tasks over HTTP", .apart)
struct TasksTests {
    let directory = try? TemporaryDirectory(endingProcesses: true)

    private func daemonWithTasks() async throws -> DaemonProcess {
        let daemon = try await DaemonProcess(in: try #require(directory))
        try await daemon.publish(lines: [
            #"{"id":"1","kind":"TaskStarted","source_task":"a","timestamp":"2026-01-11T10:00:00Z"}"#,
            #"{"id":"2","kind":"TaskFailed","source_task":"a","timestamp":"2026-01-11T11:00:00Z"}"#,
            #"{"id":"3","kind":"TaskStarted","source_task":"b","timestamp":"2026-01-11T13:00:00Z"}"#,
        ])
        return daemon
    }

    private func document(_ reply: Reply) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(reply.body.utf8)) as? [String: Any])
    }

    private func names(_ reply: Reply) throws -> Set<String> {
        let tasks = try #require(try document(reply)["tasks"] as? [[String: Any]])
        return Set(tasks.compactMap { $0["task"] as? String })
    }

    @Test("are one document, and only those that are asked for")
    func document() async throws {
        let daemon = try await daemonWithTasks()
        let all = try await daemon.get("/v1/tasks?all")
        #expect(all.status == 200 && all.fields["content-type"]?.hasPrefix("application/json") == true)
        #expect(try names(all) == ["a", "b"])
        #expect(try names(try await daemon.get("/v1/tasks")) == ["b"])
        #expect(try document(try await daemon.get("/v1/tasks"))["ended_earlier"] as? Int == 1)
        #expect(try names(try await daemon.get("/v1/tasks?task=a")) == ["a"])
        #expect(try names(try await daemon.get("/v1/tasks?all&at=2026-01-11T12:00:00Z")) == ["a"])
    }

    @Test("that there are not are not found, and what cannot be meant is refused")
    func refusals() async throws {
        let daemon = try await daemonWithTasks()
        #expect(try await daemon.get("/v1/tasks?task=c").status == 404)
        for query in ["at=soon", "all=perhaps", "al", "all&all", "at=1h&at=2h"] {
            #expect(try await daemon.get("/v1/tasks?" + query).status == 400, "\(query)")
        }
    }

    @Test("have exactly the members that the API's description says")
    func schema() async throws {
        let daemon = try await daemonWithTasks()
        let description = try document(try await daemon.get("/openapi.json"))
        let schemas = try #require(
            (description["components"] as? [String: Any])?["schemas"] as? [String: [String: Any]]
        )
        func members(_ schema: String) -> Set<String> {
            Set((schemas[schema]?["properties"] as? [String: Any] ?? [:]).keys)
        }
        let board = try document(try await daemon.get("/v1/tasks?all"))
        #expect(Set(board.keys) == members("Tasks"))
        for task in try #require(board["tasks"] as? [[String: Any]]) { #expect(Set(task.keys) == members("Task")) }
    }
}
