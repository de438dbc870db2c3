// What a tmux server says of its panes. Only numbers and ids are asked for: names and titles are whatever a program has written
// to its terminal.

package import NeuraphageEvents
import NeuraphagePresentation
package import NeuraphageSystem

/// A pane of a tmux server.
package struct TmuxPane: Hashable, Sendable {
    /// Its session, window, and own id, such as `$1`, `@2`, `%3`.
    package let session: String
    package let window: String
    package let pane: String
    /// The process that it was made for.
    package let process: Int32

    package init(session: String, window: String, pane: String, process: Int32) {
        self.session = session
        self.window = window
        self.pane = pane
        self.process = process
    }

    /// The words with which tmux makes it the current pane of its window, and that the current window of its session.
    package var selection: [String] {
        ["select-window", "-t", "\(session):\(window)", ";", "select-pane", "-t", pane]
    }

    private static let format = "#{session_id} #{window_id} #{pane_id} #{pane_pid}"

    /// A line of what tmux answers; `nil` if it is none.
    init?(_ line: String) {
        let words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard words.count == 4, let process = Int32(words[3]), process > 1,
            zip(words, ["$", "@", "%"]).allSatisfy({ word, mark in
                word.hasPrefix(mark) && word.utf8.count > 1
                    && word.dropFirst().utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            })
        else { return nil }
        self.init(session: words[0], window: words[1], pane: words[2], process: process)
    }

    /// The panes of a server; `nil` if it doesn't answer within two seconds.
    ///
    /// - Parameter socket: Its socket.
    package static func all(of socket: String) async -> [TmuxPane]? {
        let words = ["-S", socket, "list-panes", "-a", "-F", format]
        let asking = Task { try? await Program.ask("tmux", words) }
        let timer = Task {
            try await Task.sleep(for: .seconds(2))
            asking.cancel()
        }
        defer { timer.cancel() }
        guard let answer = await asking.value, answer.succeeded else { return nil }
        return answer.output.split(separator: "\n").compactMap { TmuxPane(String($0)) }
    }

    /// The pane among these in which a process is: the one that was made for the process, or for one that it comes from. A
    /// window may be linked into several sessions.
    ///
    /// - Parameter preferred: The pane in which it was.
    package static func holding(
        _ process: ProcessIdentity,
        among panes: [TmuxPane],
        preferring preferred: String?,
        in files: any FileSystem
    ) -> TmuxPane? {
        guard process.presence(in: files) == .alive else { return nil }
        // The nearest counts: a pane may hold another multiplexer.
        for id in ProcessStatus.line(from: process.id, in: files) {
            let found = panes.filter { $0.process == id }
            if let pane = found.first(where: { $0.pane == preferred }) ?? found.first { return pane }
        }
        return nil
    }
}
