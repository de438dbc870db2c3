// What a record of something that has begun holds: a line about it, then the events that the log is told, each written down
// before it is published. So whichever process finds the record of one that died knows what the log must say.

import NeuraphageEvents
import NeuraphageSystem

/// The text of a record.
struct OpenNote {
    /// What else is known about it, such as the process that it belongs to.
    let about: Payload
    /// The event by which the log knows that it has begun.
    let begin: Event
    /// The event by which the log knows that it has ended, if it came so far.
    private(set) var end: Event?

    init(about: Payload, begin: Event) {
        self.about = about
        self.begin = begin
    }

    /// Reads a note; `nil` if it was never finished. An unfinished line at its end was never written.
    init?(_ text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        guard lines.count >= 2, let about = try? Payload(json: String(lines[0])),
            let begin = try? Event(line: String(lines[1]))
        else { return nil }
        self.init(about: about, begin: begin)
        end = lines.dropFirst(2).lazy.compactMap { try? Event(line: String($0)) }.first
    }

    /// The note as it is in the file.
    var text: String { "\(about.json)\n\(begin)\n" }

    /// The task that it belongs to now, which for a session may be another one than at its beginning.
    var task: TaskID? { about.string("task").map(TaskID.init(asWritten:)) ?? begin.source }

    /// The number of the process that it belongs to, as it was written down.
    var pid: Int32? { about["pid"].flatMap { Int32($0.text) } }

    /// Whether that process is seen to be gone. If the record is locked then, the process that locks it settles it.
    func isOrphaned(in files: any FileSystem) -> Bool {
        ProcessIdentity(about).map { $0.presence(in: files) == .gone } ?? false
    }
}
