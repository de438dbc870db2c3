// What main's moves and the rebases add to a story.

import NeuraphageEvents
import NeuraphagePresentation

extension StoryTeller {
    /// A move of main is told when something of the task names it; until then it is one of those that are folded.
    mutating func tellMove(_ event: Event) {
        if let own = checkout?.commonDirectory, let moved = event.payload.string("common_dir"), own != moved { return }
        moves.append(event)
        guard let behind = commitsBehind, event.payload.string("how") != "forced" else { return }
        commitsBehind = event.count("count").map { behind.saturatingPlus($0) }
    }

    /// Tells of the move of main that an event names. Those before it led to nothing that it does not.
    private mutating func tellMove(thatLedTo event: Event) {
        guard let move = self.event(event.cause), move.kind == .mainUpdated else { return moves = [] }
        if let index = moves.firstIndex(where: { $0.id == move.id }) { moves.removeFirst(index + 1) }
        guard draft(of: move.id) == nil else { return }
        let payload = move.payload
        let subject = payload.string("subject").map { " \"\($0.firstLine)\"" } ?? ""
        let files = move.count("files_count").map { $0.of("file") }
        let details = [payload.string("author")?.firstLine, files].compactMap(\.self).joined(separator: ", ")
        let commit = payload.string("commit").map { " \($0.abbreviatedCommit)" } ?? ""
        let forced = payload.string("how") == "forced" ? " was forced to" : ""
        add(move, "main\(forced)\(commit)\(subject)" + (details.isEmpty ? "" : " (\(details))"), weight: 2)
    }

    /// Folds the moves that nothing of the task has named.
    ///
    /// - Parameter remark: What else there is to say of them.
    mutating func foldMoves(saying remark: String) {
        defer { moves = [] }
        guard let first = moves.first, let last = moves.last else { return }
        let more = drafts.contains { $0.entry.events.first?.kind == .mainUpdated } ? " more" : ""
        let words = "main moved \(moves.count == 1 ? "once" : moves.count.times)\(more)\(remark)"
        let draft = add(first, words, lasting: last.timestamp - first.timestamp, weight: 2)
        drafts[draft].entry.time = first.timestamp
        drafts[draft].entry.saysCount = true
        drafts[draft].order = order(of: first, from: nil, at: first.timestamp)
        for move in moves.dropFirst() { fold(move, into: draft) }
    }

    /// An order to rebase.
    mutating func tellOrder(_ event: Event) {
        tellMove(thatLedTo: event)
        commitsBehind = event.count("commits_behind")
        unread[event.id] = event
        let behind = commitsBehind.map { ", \($0) behind" } ?? ""
        add(event, "told to rebase\(behind)", weight: 2)
    }

    mutating func tellRebase(_ event: Event) {
        tellMove(thatLedTo: event)
        if commitsBehind != nil { commitsBehind = 0 }
        conflict = nil
        let isMerge = event.payload.string("how") == "merge"
        add(event, isMerge ? "merged main" : "rebased on main", tone: .good, weight: 2)
    }

    mutating func tellConflict(_ event: Event) {
        let files = event.payload.strings(at: "files")
        if let before = conflict, let draft = draft(of: before.id), files == before.payload.strings(at: "files"),
            event.payload.string("onto") == before.payload.string("onto")
        {
            extend(draft, by: event)
            conflict = event
            return
        }
        tellMove(thatLedTo: event)
        conflict = event
        let named = files.prefix(2).joined(separator: ", ") + (files.count > 2 ? " and \(files.count - 2) more" : "")
        let what = named.isEmpty ? "" : " in \(named.firstLine)"
        let attempt = event.payload.string("how") == "merge" ? "merge" : "rebase"
        let touched = event.touched
        // Where the move of main is told, it has the subject.
        let isTold =
            touched.map { touched in drafts.contains { $0.entry.words.hasPrefix("main \(touched.commit)") } } ?? false
        let subject = isTold ? "" : touched?.subject.map { " \"\($0)\"" } ?? ""
        let with = touched.map { " with \($0.commit)\(subject)" } ?? ""
        add(event, "\(attempt): CONFLICT\(what)\(with)", tone: .trouble, weight: 5)
    }
}

extension Event {
    /// Of the first file in conflict, the latest commit of main that changes it.
    var touched: (file: String, commit: String, subject: String?)? {
        guard let file = payload.value(at: ["touched", "0", "file"])?.string,
            let commit = payload.value(at: ["touched", "0", "commits", "0", "commit"])?.string
        else { return nil }
        let subject = payload.value(at: ["touched", "0", "commits", "0", "subject"])?.string
        return (file.firstLine, commit.abbreviatedCommit, subject?.firstLine)
    }
}
