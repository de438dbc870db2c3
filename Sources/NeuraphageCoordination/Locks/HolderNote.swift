// What a holder writes down about itself: a line about the process, then the events that it tells the log of, each
// before it is published. So whoever finds the note of a process that died knows what the log must say.

import NeuraphageEvents

/// The text of a holder's record.
struct HolderNote {
    private static let longestCommand = 1_000

    let pid: Int32
    let command: String
    /// The event by which the log knows of the holder.
    let acquired: Event
    /// The event by which the log knows that it has gone, if it came so far.
    private(set) var released: Event?

    init(pid: Int32, command: String, acquired: Event) {
        self.pid = pid
        self.command = command.count > Self.longestCommand ? command.prefix(Self.longestCommand) + "…" : command
        self.acquired = acquired
    }

    /// Reads a note; `nil` if it was never finished. An unfinished line at its end was never written.
    init?(_ text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        guard lines.count >= 2, let process = try? Payload(json: String(lines[0])),
            let pid = process["pid"].flatMap({ Int32($0.text) }), let command = process["command"]?.text,
            let acquired = try? Event(line: String(lines[1])), acquired.kind == .lockAcquired
        else { return nil }
        self.init(pid: pid, command: command, acquired: acquired)
        released = lines.dropFirst(2).lazy.compactMap { try? Event(line: String($0)) }
            .first { $0.kind == .lockReleased }
    }

    /// The note as it stands in the file.
    var text: String {
        let process: Payload = ["pid": .integer(pid), "command": .string(command)]
        return "\(process.json)\n\(acquired)\n"
    }

    var isExclusive: Bool { acquired.payload["exclusive"]?.text != "false" }
}
