// What runs, locks, and messages add to a story.

import NeuraphageEvents
import NeuraphagePresentation

extension StoryTeller {
    /// From how long on a wait is told.
    static let longWait = Duration.seconds(1)
    /// From how long on the time until a message was read is told where it is short of room.
    private static let longUnread = Duration.seconds(60)

    // MARK: - Runs

    mutating func tellRun(_ event: Event) {
        let began = event.begin.flatMap { runs.removeValue(forKey: $0) }
        guard Problem.isOne(event) else { return }
        let command = (began?.payload.string("command") ?? began?.payload.string("title"))?.firstLine
        let why = event.payload.string("error") ?? event.payload.string("reason")
        let words = ["run failed", command, why?.firstLine].compactMap(\.self).joined(separator: ": ")
        if let before = failedRun, before.command == command, command != nil, let draft = draft(of: before.event.id),
            draft == drafts.count - 1, drafts[draft].entry.words == words
        {
            extend(draft, by: event)
        } else {
            add(
                event,
                from: began,
                words,
                tone: .trouble,
                lasting: event.milliseconds("duration_ms"),
                weight: 4
            )
        }
        failedRun = (event, command)
    }

    // MARK: - Locks

    mutating func tellLock(_ event: Event) {
        switch event.kind {
        case .lockWaiting: lockWaits[event.id] = event
        case .lockReleased: if let begin = event.begin { locks[begin] = nil }
        case .lockAcquired:
            locks[event.id] = event
            tellWait(endedBy: event, "waited for lock", tone: .waiting, weight: 3)
        default: tellWait(endedBy: event, "gave up waiting for lock", tone: .trouble, weight: 4)
        }
    }

    private mutating func tellWait(endedBy event: Event, _ verb: String, tone: Story.Tone, weight: Int) {
        let began = event.begin.flatMap { lockWaits.removeValue(forKey: $0) }
        let waited = event.milliseconds("waited_ms") ?? began.map { event.timestamp - $0.timestamp }
        guard tone == .trouble || waited.map({ $0 >= Self.longWait }) ?? false else { return }
        let name = (event.payload.string("resource") ?? "?").firstLine
        let draft = add(event, "\(verb) \(name)", tone: tone, lasting: waited, weight: weight)
        let holder = began?.payload.string("holder") ?? event.payload.string("holder")
        let acquisition = (event.payload.string("waited_for") ?? began?.payload.string("waited_for")).map {
            EventID($0)
        }
        lockDrafts.append((draft, holder ?? self.event(acquisition)?.source?.description, acquisition))
        if let waited, waited >= .zero {
            let time = event.timestamp - waited
            drafts[draft].entry.time = time
            drafts[draft].order = order(of: event, from: began, at: time)
        }
    }

    /// Says who held the locks that were waited for: how long is known only when they were given back.
    mutating func settleLocks() {
        for (draft, holder, acquisition) in lockDrafts {
            let duration = acquisition.flatMap { held[$0] }
            guard holder != nil || duration != nil else { continue }
            let who = holder?.firstLine ?? "another"
            drafts[draft].entry.words += duration.map { ", which \(who) held \($0.brief)" } ?? ", held by \(who)"
        }
    }

    // MARK: - Messages

    /// Something that the task was told.
    mutating func tellMessage(_ event: Event) {
        guard event.kind != .rebaseRequired else { return tellOrder(event) }
        unread[event.id] = event
        let sender = event.isFromUser ? "you" : event.source?.description.firstLine
        switch event.kind {
        case .taskPaused:
            let reason = event.payload.string("reason").map { ": \($0.firstLine)" } ?? ""
            add(event, "paused\(reason)", tone: .waiting, weight: 3)
        default:
            let said = event.summary.firstLine
            let from = sender.map { " by \($0)" } ?? ""
            add(event, "told\(from)" + (said.isEmpty ? "" : " \"\(said)\""), weight: 1)
        }
    }

    /// What has become of messages.
    mutating func tellReading(_ event: Event) {
        guard event.kind == .notificationRead else {
            for text in event.payload.strings(at: "notifications") {
                let id = EventID(text)
                guard unread.removeValue(forKey: id) != nil, let draft = draft(of: id) else { continue }
                let fate = event.kind == .notificationSuperseded ? "overtaken" : "never read"
                drafts[draft].entry.words += "; \(fate)"
            }
            return
        }
        let id = event.payload.string("notification").map { EventID($0) }
        guard let id, let message = unread.removeValue(forKey: id) else { return }
        guard let draft = draft(of: id) else { return }
        let delay = event.timestamp - message.timestamp
        drafts[draft].entry.words += delay >= .zero ? "; read after \(delay.brief)" : "; read"
        if delay >= Self.longUnread {
            drafts[draft].entry.tone = .waiting
            drafts[draft].entry.weight = max(drafts[draft].entry.weight, 3)
        }
    }
}
