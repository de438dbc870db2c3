// A program that is asked something and answers soon: git, systemctl, launchctl. No shell, no input, a fixed locale, and
// none of the variables by which git tells a hook in which repository it runs.

import NeuraphageEvents

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// What a program printed, and how it ended.
struct ProgramOutput: Sendable {
    /// The exit code; 128 and the signal's number if a signal ended it; 127 if it could not be started.
    let code: Int32
    let output: [UInt8]
    let error: String

    var succeeded: Bool { code == 0 }

    /// The output without its last newline.
    var text: String {
        String(decoding: output.last == UInt8(ascii: "\n") ? output.dropLast() : output[...], as: UTF8.self)
    }

    /// What was wrong, in one line.
    var complaint: String {
        let line = error.split(separator: "\n").first { !$0.hasPrefix("hint:") }
        return line.map(String.init) ?? "exit code \(code)"
    }

    /// Runs a program to its end.
    ///
    /// - Parameter program: Looked up in `PATH` if it has no slash.
    init(of program: String, _ arguments: [String]) {
        var output: [Int32] = [-1, -1]
        var errors: [Int32] = [-1, -1]
        guard pipe(&output) == 0, pipe(&errors) == 0 else {
            self.init(code: 127, output: [], error: "cannot make a pipe: \(SystemError(code: errno))")
            return
        }
        for descriptor in output + errors { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        let (id, code) = Self.spawn([program] + arguments, output: output[1], errors: errors[1])
        close(output[1])
        close(errors[1])
        defer {
            close(output[0])
            close(errors[0])
        }
        guard code == 0 else {
            self.init(code: 127, output: [], error: "cannot run \(program): \(SystemError(code: code))")
            return
        }
        let said = Self.readToEnd(output[0], errors[0])
        var status: Int32 = 0
        while waitpid(id, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7f
        self.init(
            code: signal == 0 ? status >> 8 & 0xff : 128 + signal,
            output: said.output,
            error: String(decoding: said.errors, as: UTF8.self)
        )
    }

    private init(code: Int32, output: [UInt8], error: String) {
        self.code = code
        self.output = output
        self.error = error
    }

    private static func spawn(_ words: [String], output: Int32, errors: Int32) -> (id: pid_t, code: Int32) {
        #if canImport(Darwin)
        var actions: posix_spawn_file_actions_t?
        #else
        var actions = posix_spawn_file_actions_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO)

        var variables = Self.environment.map { strdup($0) }
        var arguments = words.map { strdup($0) }
        defer { for text in variables + arguments { free(text) } }
        variables.append(nil)
        arguments.append(nil)
        var id = pid_t()
        let code = posix_spawnp(&id, words[0], &actions, nil, arguments, variables)
        return (id, code)
    }

    private static var environment: [String] {
        let hidden = [
            "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_PREFIX", "LC_ALL", "LANGUAGE",
        ]
        var variables = ["LC_ALL=C", "GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0"]
        var entry = environ
        while let variable = entry.pointee {
            let text = String(cString: variable)
            if !hidden.contains(where: { text.hasPrefix($0 + "=") }) { variables.append(text) }
            entry += 1
        }
        return variables
    }

    /// Reads both pipes as they fill, so that neither holds the program up.
    private static func readToEnd(_ output: Int32, _ errors: Int32) -> (output: [UInt8], errors: [UInt8]) {
        var said: [[UInt8]] = [[], []]
        var open = [
            pollfd(fd: output, events: Int16(POLLIN), revents: 0),
            pollfd(fd: errors, events: Int16(POLLIN), revents: 0),
        ]
        while open.contains(where: { $0.fd >= 0 }) {
            guard poll(&open, nfds_t(open.count), -1) >= 0 || errno == EINTR else { break }
            for index in open.indices where open[index].fd >= 0 && open[index].revents != 0 {
                var chunk = [UInt8](repeating: 0, count: 1 << 16)
                let count = read(open[index].fd, &chunk, chunk.count)
                if count > 0 {
                    said[index] += chunk[..<count]
                } else if count == 0 || errno != EINTR {
                    open[index].fd = -1
                }
            }
        }
        return (said[0], said[1])
    }
}
