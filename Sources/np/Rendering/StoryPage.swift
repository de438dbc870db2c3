// A story as a page for people: no more lines than a screen has, unless all are wanted. Pure: the same story, size, and
// moment give the same lines. All text of a story is text from outside.

import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageProjections

/// Turns a story into lines.
struct StoryPage {
    /// How many lines an entry may take if there is room.
    private static let mostLines = 2
    private static let labelWidth = 8

    let story: Story
    let clock: DisplayClock
    let now: Timestamp
    var width = 80
    /// How many lines there may be; `nil`: as many as need be.
    var height: Int?
    /// Whether the ids of events are shown.
    var showsIDs = false
    /// What to type for the rest, if lines are left out.
    var commandForAll: String?
    /// What commands that are named need besides: where np's files are, if that was typed.
    var options = ""

    var lines: [StyledLine] {
        let (head, foot) = (heading, ending)
        let room = height.map { max(3, $0 - head.count - foot.count - 2) }
        return head + [StyledLine()] + chain(in: room) + [StyledLine()] + foot
    }

    // MARK: - Heading

    private var heading: [StyledLine] {
        let state = story.state
        let isOver = story.isOver
        var line = StyledLine(story.task.map(\.description) ?? "", .bold)
        line.append(story.task == nil ? state.words : " \(state.words)", Self.look(state.tone, isHeading: true))
        if let since = state.since {
            let time = text(since, besides: now)
            line.append(isOver ? " at \(time)" : " since \(time)")
            if !isOver, now >= since { line.append(" (\((now - since).brief))") }
            if let begin = story.begin, isOver, since >= begin {
                line.append(", \((since - begin).brief) after \(story.beganBy ?? "it") began")
            }
        }
        if let now = story.now, now.tone == .waiting {
            line.append(", and now ")
            line.append(now.words, Self.look(now.tone, isHeading: true))
        }
        let reason = self.reason(of: state).map { wrapped($0.visible, to: width, atMost: Self.mostLines) } ?? []
        if !reason.isEmpty { line.append(":") }
        return [line] + reason.map { StyledLine($0) }
    }

    // MARK: - The chain

    private func chain(in room: Int?) -> [StyledLine] {
        let entries = story.entries
        let columns = columns
        guard let room else { return entries.flatMap { lines(of: $0, columns, atMost: 20) } }
        let roomy = entries.map { lines(of: $0, columns, atMost: Self.mostLines) }
        if roomy.reduce(0, { $0 + $1.count }) <= room { return roomy.flatMap(\.self) }
        guard entries.count > room else { return entries.flatMap { lines(of: $0, columns, atMost: 1) } }
        // What matters least is left out, of that the earliest; never the beginning or the end.
        let order = entries.indices.sorted { left, right in
            let weights = [left, right].map { $0 == 0 || $0 == entries.count - 1 ? Int.max : entries[$0].weight }
            return weights[0] == weights[1] ? left > right : weights[0] > weights[1]
        }
        let kept = Set(order.prefix(room - 1))
        let left = entries.count - kept.count
        let all = commandForAll.map { ": \($0)" } ?? ""
        let remark = StyledLine("… \(left) more \(left == 1 ? "line" : "lines")\(all)", .dim)
        return entries.indices.filter(kept.contains).flatMap { lines(of: entries[$0], columns, atMost: 1) } + [remark]
    }

    /// The columns before the words, which are the same for all entries.
    private struct Columns {
        /// Whether the whole story is of one day, so that the time of day says enough.
        let isOneDay: Bool
        let durationWidth: Int

        var timeWidth: Int { isOneDay ? 10 : 14 }
        var width: Int { timeWidth + 2 + (durationWidth > 0 ? durationWidth + 2 : 0) }
    }

    private var columns: Columns {
        let times = story.entries.map(\.time) + [story.state.since].compactMap(\.self)
        return Columns(
            isOneDay: Set(times.map { clock.text(of: $0).prefix(10) }).count <= 1,
            durationWidth: story.entries.compactMap { duration($0)?.cells }.max() ?? 0
        )
    }

    private func duration(_ entry: Story.Entry) -> String? {
        entry.duration.flatMap { $0 >= .milliseconds(100) ? "+\($0.brief)" : nil }
    }

    private func lines(of entry: Story.Entry, _ columns: Columns, atMost most: Int) -> [StyledLine] {
        let time = clock.text(of: entry.time)
        let shown = columns.isOneDay ? String(time.dropFirst(11)) + tenths(entry.time) : String(time.dropFirst(5))
        let indentation = String(repeating: " ", count: 2 * entry.depth)
        let room = max(16, width - columns.width - indentation.cells)
        let times = entry.count > 1 && !entry.saysCount
        let until = entry.until.map { ", until \(moment($0))" } ?? ""
        var words = entry.words.visible + until + (times ? ", \(entry.count) times" : "")
        if showsIDs, let id = entry.events.last?.id { words += "  \(id.description.visible)" }
        return wrapped(words, to: room, atMost: most).enumerated().map { index, text in
            var line = StyledLine(index == 0 ? shown : "", .dim)
            line.append(String(repeating: " ", count: max(0, columns.timeWidth + 2 - line.cells)))
            if columns.durationWidth > 0 {
                let lasting = index == 0 ? duration(entry) ?? "" : ""
                line.append(lasting + lasting.padding(to: columns.durationWidth) + "  ")
            }
            line.append(indentation + (index == 0 ? "" : "  "))
            line.append(text, Self.look(entry.tone))
            return line
        }
    }

    private func tenths(_ time: Timestamp) -> String {
        let microseconds = time.microsecondsSinceEpoch % 1_000_000
        return ".\((microseconds < 0 ? microseconds + 1_000_000 : microseconds) / 100_000)"
    }

    // MARK: - The ending

    private var ending: [StyledLine] {
        let open = story.open.map { item in
            let since = item.since.map { " (since \(moment($0)))" } ?? ""
            let remark = since + (item.isGuess ? "  (np's guess)" : "")
            return item.words.visible.fitted(to: max(16, width - Self.labelWidth - remark.cells)) + remark
        }
        let most = height == nil ? open.count : 5
        let shown = open.count > most ? open.prefix(most - 1) + ["and \(open.count - most + 1) more"] : open[...]
        let event = story.state.event.map { "np show \(ShellWord.quoted($0.description))\(options)" }
        return labeled("Now", [current].compactMap(\.self)) + labeled("Open", Array(shown))
            + labeled("Cause?", story.guesses.map(guess))
            + labeled("Log", wrapped(completeness.visible, to: width - Self.labelWidth, atMost: 2))
            + labeled("Next", [story.next?.command(options: options), event].compactMap(\.self))
    }

    private func guess(_ words: String) -> String {
        let remark = "  (np's guess)"
        return words.visible.fitted(to: max(16, width - Self.labelWidth - remark.cells)) + remark
    }

    private func labeled(_ label: String, _ texts: [String]) -> [StyledLine] {
        texts.enumerated().map { index, text in
            var line = StyledLine(index == 0 ? label : "", .bold)
            line.append(String(repeating: " ", count: Self.labelWidth - line.cells))
            // A command must be whole to be typed.
            line.append(label == "Next" ? text.visible : text.visible.fitted(to: max(16, width - Self.labelWidth)))
            return line
        }
    }

    /// How the task is now, in a story of what was before.
    private var current: String? {
        story.now.map { state in
            let age = state.since.map {
                now >= $0 ? " since \(moment($0)) (\((now - $0).brief))" : " since \(moment($0))"
            }
            return state.words + (age ?? "") + (reason(of: state).map { ": \($0)" } ?? "")
        }
    }

    /// Whether the log has all of that time.
    private var completeness: String {
        let log = story.log
        var faults: [String] = []
        if log.lostEvents > 0 { faults.append("\(log.lostEvents) events are lost") }
        if log.gaps > 0 { faults.append(log.gaps == 1 ? "1 gap" : "\(log.gaps) gaps") }
        if !log.hasBegin { faults.append("the beginning is not in the log") }
        if log.missing > 0 {
            faults.append(
                log.missing == 1
                    ? "1 event that others name is missing" : "\(log.missing) events that others name are missing"
            )
        }
        if log.leftOut > 0 { faults.append("\(log.leftOut) events between are left out here") }
        let span = story.begin.flatMap { begin in
            let end = story.end ?? now
            return end >= begin ? " for these \((end - begin).brief)" : nil
        }
        var text = faults.isEmpty ? "complete\(span ?? "")" : "not complete: " + faults.joined(separator: ", ")
        // A restart that lost nothing is of no interest.
        let died = story.restarts.filter(\.hasDied)
        let restarts = died.isEmpty && !log.isComplete ? story.restarts : died
        if let last = restarts.last {
            let count = restarts.count > 1 ? " \(restarts.count) times, last" : ""
            let away = last.away.map { ", \($0.brief) away" } ?? ""
            text +=
                "; daemon \(last.hasDied ? "died and was started" : "restarted")\(count) \(moment(last.time))\(away)"
        }
        return text
    }

    // MARK: - Words

    private func reason(of state: Story.State) -> String? {
        let until = state.until.map { "until \(moment($0))" }
        let words = [state.reason, until].compactMap(\.self)
        return words.isEmpty ? nil : words.joined(separator: ", ")
    }

    /// The time, without its day if that is the day of another one.
    private func text(_ time: Timestamp, besides other: Timestamp) -> String {
        let text = clock.text(of: time)
        return text.prefix(10) == clock.text(of: other).prefix(10) ? String(text.dropFirst(11)) : text
    }

    /// The same below the heading, which names the day.
    private func moment(_ time: Timestamp) -> String { text(time, besides: story.state.since ?? now) }

    private static func look(_ tone: Story.Tone, isHeading: Bool = false) -> Style.Look {
        switch tone {
        case .plain: isHeading ? .bold : .plain
        case .trouble: .trouble
        case .waiting: isHeading ? .urgent : .caution
        case .good: .success
        }
    }

    /// Lines of no more than so many cells, broken at spaces; the last one ends in `…` if there is more.
    private func wrapped(_ text: String, to width: Int, atMost most: Int) -> [String] {
        var lines: [String] = []
        var rest = Substring(text)
        while !rest.isEmpty, lines.count < most {
            // The lines after the first are indented.
            let room = lines.isEmpty ? width : width - 2
            if lines.count == most - 1 || String(rest).cells <= room { return lines + [String(rest).fitted(to: room)] }
            var cells = 0
            var end = rest.startIndex
            var space: Substring.Index?
            while end < rest.endIndex {
                cells += String(rest[end]).cells
                if cells > room { break }
                if rest[end] == " " { space = end }
                end = rest.index(after: end)
            }
            let cut = space.map { $0 > rest.startIndex ? $0 : end } ?? end
            guard cut > rest.startIndex else { return lines + [String(rest).fitted(to: room)] }
            lines.append(String(rest[..<cut]))
            rest = rest[cut...].drop { $0 == " " }
        }
        return lines
    }
}
