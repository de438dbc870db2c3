// What a holder of a lock writes down about itself.

import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageSystem

/// The note in a holder's record.
struct HolderNote {
    private static let longestCommand = 1_000

    /// The note as a record has it.
    let note: OpenNote
    let pid: Int32
    let command: String

    init(_ process: ProcessIdentity, command: String, at place: Place?, acquired: Event) {
        let command = command.count > Self.longestCommand ? command.prefix(Self.longestCommand) + "…" : command
        let members: [(String, JSONValue)] = [("command", .string(command))]
        note = OpenNote(about: Payload(.object(process.members + members + (place?.members ?? []))), begin: acquired)
        pid = process.id
        self.command = command
    }

    /// The note in a record; `nil` if that isn't a holder's.
    init?(_ note: OpenNote) {
        guard let pid = note.pid, let command = note.about["command"]?.text, note.begin.kind == .lockAcquired else {
            return nil
        }
        self.note = note
        self.pid = pid
        self.command = command
    }

    /// The event by which the log knows of the holder.
    var acquired: Event { note.begin }

    var isExclusive: Bool { acquired.payload["exclusive"]?.text != "false" }
}
