// Processes that tests leave running: np starts some in the background that outlive it. One that goes on after its test
// would make files in a directory that has been removed already, and take time from the tests after it.

import Foundation
import NeuraphageEvents

/// A process as Linux shows it in /proc. Elsewhere there are none.
struct RunningProcess: CustomStringConvertible {
    let id: pid_t

    static var all: [Self] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { pid_t($0).map(Self.init) }
    }

    /// Those that this process has started and that have not ended.
    static var children: [Self] { all.filter { $0.status?.parent == getpid() } }

    /// Ends all processes that work in a directory, which their arguments or their environment names.
    static func endAll(in directory: String) throws {
        try wait(for: "the processes in \(directory) to end") {
            let processes = all.filter { process in
                process.id != getpid() && ["cmdline", "environ"].contains { process.names(directory, in: $0) }
            }
            for process in processes { kill(process.id, SIGKILL) }
            return processes.isEmpty
        }
    }

    private var status: (parent: pid_t, state: Substring)? {
        // After the program's name, which is in parentheses and may have any characters.
        let fields = String(decoding: bytes(of: "stat"), as: UTF8.self).split(separator: ")").last?.split(
            separator: " "
        )
        guard let fields, fields.count > 1, let parent = pid_t(fields[1]) else { return nil }
        return (parent, fields[0])
    }

    var description: String {
        let words = bytes(of: "cmdline").split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        return "\(id) \(status?.state ?? "?") \(words.joined(separator: " "))"
    }

    private func names(_ directory: String, in file: String) -> Bool {
        bytes(of: file).range(of: Data(directory.utf8)) != nil
    }

    private func bytes(of file: String) -> Data {
        FileManager.default.contents(atPath: "/proc/\(id)/\(file)") ?? Data()
    }
}
