// What an agent's hook tells and the log doesn't keep reaches whoever watches through the daemon.

import NeuraphageEvents
import TestSupport
import Testing

@Suite("np hook beside a daemon", .apart)
struct AgentHookTests {
    @Test("tells live subscribers what isn't logged: changed files, and whom an agent waits for")
    func ephemeral() async throws {
        let directory = try TemporaryDirectory(endingProcesses: true)
        let daemon = try await DaemonProcess(in: directory)
        let stream = try await blocking { [socket = daemon.socket] in
            let stream = try EventStreamClient(socket)
            _ = try stream.backlog()
            return stream
        }
        // Each time the agent waits for another command: it is told once that it waits for one.
        func calls(_ attempt: Int) -> [String] {
            [
                #"{"session_id":"s","cwd":"/","hook_event_name":"PostToolUse","tool_name":"Write","tool_input":{"file_path":"/a"}}"#,
                #"{"session_id":"s-\#(attempt)","cwd":"/","hook_event_name":"PermissionRequest","tool_name":"Bash"}"#,
            ]
        }
        // An agent waits for the daemon a few milliseconds at most; on a busy machine that may not be enough.
        var told: Set<String> = []
        var attempt = 0
        try await wait(for: "both events on the stream") {
            attempt += 1
            for call in calls(attempt) {
                let words = [
                    "NP_AGENTS_RECORD=all", Child.built("np"), "hook", "claude", "--data-dir", daemon.directory,
                ]
                let np = try Child("env", words, input: call)
                #expect(try await np.ending() == .exited(0))
                #expect(np.error == "")
            }
            for message in try await blocking({ try stream.events(1) }) {
                let event = try Event(line: try #require(message.data))
                if event.kind.isDurable { continue }
                told.insert("\(event.kind) \(event.payload["path"]?.text ?? event.payload["prompt"]?.text ?? "")")
            }
            return told.count == 2
        }
        #expect(told == ["FileModified /a", "TaskWaitingForUser permission for Bash"])
    }
}
