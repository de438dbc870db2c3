// Asking an agent for its version. The program may be anything: a script around the agent, or one that hangs. So it gets no
// input, no terminal, and only a few seconds, and what it has started by then is ended with it.

import NeuraphageEvents
import NeuraphagePlatform
import NeuraphageSystem
package import NeuraphageTasks

extension AgentVersion {
    /// How long a program may take to print its version, in ns, and how long it may take to end after that.
    private static let patience: UInt64 = 5_000_000_000
    private static let patienceForEnd: UInt64 = 1_000_000_000
    private static let mostOutput = 1 << 16

    /// Asks the agents that are in `PATH` for their versions, one after another.
    package static func ask(_ surroundings: Surroundings) -> [Agent: VersionAnswer] {
        var answers: [Agent: VersionAnswer] = [:]
        for agent in Agent.allCases {
            answers[agent] =
                surroundings.program(agent.rawValue).map { ask($0, of: agent, within: patience) }
                ?? .unknown("there is no program \(agent.rawValue) in PATH")
        }
        return answers
    }

    /// Asks a program for the version of the agent that it is.
    ///
    /// - Parameter patience: How long it may take, in ns.
    static func ask(_ program: String, of agent: Agent, within patience: UInt64) -> VersionAnswer {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { return .unknown("there is no free descriptor") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[0]) }
        var command = Spawn([program, "--version"])
        (command.input, command.output, command.error) = (.null, .descriptor(ends[1]), .null)
        command.isSessionLeader = true
        command.inheritsStandardDescriptorsOnly = true
        command.signalMask = sigset_t()
        let started = try? command.start()
        close(ends[1])
        guard let process = started else { return .unknown("\(program) cannot be started") }
        defer { end(process) }
        return read(ends[0], of: agent, program, within: patience)
    }

    private static func read(
        _ descriptor: Int32,
        of agent: Agent,
        _ program: String,
        within patience: UInt64
    ) -> VersionAnswer {
        var deadline = MonotonicClock.now + patience
        var output: [UInt8] = []
        var version: AgentVersion?
        var chunk = [UInt8](repeating: 0, count: 4_096)
        while output.count < mostOutput {
            guard isReady(descriptor, until: deadline) else {
                let seconds = (patience + 999_999_999) / 1_000_000_000
                return version.map { .version($0) }
                    ?? .unknown("\(program) --version did not answer within \(seconds) s")
            }
            let count = chunk.withUnsafeMutableBytes { NeuraphagePlatform.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            output += chunk[..<count]
            guard version == nil, output.contains(UInt8(ascii: "\n")) else { continue }
            let lines = output.prefix(through: output.lastIndex(of: UInt8(ascii: "\n")) ?? 0)
            version = AgentVersion(of: agent, in: String(decoding: lines, as: UTF8.self))
            // What it leaves in the background may keep the pipe open.
            if version != nil { deadline = MonotonicClock.now + patienceForEnd }
        }
        version = version ?? AgentVersion(of: agent, in: String(decoding: output, as: UTF8.self))
        return version.map { .version($0) } ?? .unknown("\(program) --version printed \(quoted(output))")
    }

    /// The first line of what a program has printed, in quotes; `nothing` if there was nothing.
    private static func quoted(_ output: [UInt8]) -> String {
        let line = String(decoding: output, as: UTF8.self).split(whereSeparator: \.isNewline).first ?? ""
        return line.isEmpty ? "nothing" : "'\(line.prefix(60))\(line.count > 60 ? "…" : "")'"
    }

    private static func isReady(_ descriptor: Int32, until deadline: UInt64) -> Bool {
        let now = MonotonicClock.now
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let ready = poll(&entry, 1, deadline > now ? Int32((deadline - now) / 1_000_000) + 1 : 0)
        return ready < 0 && errno == EINTR ? isReady(descriptor, until: deadline) : ready > 0
    }

    /// Ends a session of processes. One that the kernel cannot end at once is not waited for.
    private static func end(_ process: pid_t) {
        kill(-process, SIGKILL)
        for _ in 0..<100 where waitpid(process, nil, WNOHANG) == 0 { usleep(10_000) }
    }
}
