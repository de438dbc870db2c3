import Foundation
import TestSupport

@testable import NeuraphageEvents

/// A log with a past, made of a seed: segments of events, garbage and blank lines, torn at their ends, repeating each other
/// at seams, some of them gone. And what each reader of it must find, which is not found by reading.
struct LogHistory {
    /// Something that a reader finds.
    enum Item: Hashable {
        case event(EventID)
        /// A line that is no event, by the offset at which it begins.
        case skipped(file: String, offset: Int64)
        case gap(LogCursor.Gap)
    }

    let directory: TemporaryDirectory
    /// What there is, in the log's order.
    private(set) var items: [Item] = []
    var path: String { directory[EventLogConfig.fileName] }

    private var random: SeededGenerator
    private var count = 0
    /// The ids that are in the segment before, by which the next one may repeat them; empty if it is gone.
    private var before: [EventID] = []

    init(seed: UInt64) throws {
        directory = try TemporaryDirectory()
        random = SeededGenerator(seed: seed)
        var number = 0
        var last: Int?
        for _ in 0..<Int.random(in: 0...4, using: &random) {
            number += [1, 1, 1, 2, 4].randomElement(using: &random) ?? 1
            let name = TemporaryDirectory.closedName(number)
            note(from: last, to: number)
            let isContinued = last == number - 1
            try write(name, repeating: isContinued ? TemporaryDirectory.closedName(number - 1) : nil, isActive: false)
            if chance(8) { chmod(directory[name], 0o400) }
            last = number
        }
        guard chance(9) || number == 0 else { return }
        let previous = last.map { TemporaryDirectory.closedName($0) }
        try write(EventLogConfig.fileName, repeating: previous, isActive: true)
    }

    private mutating func chance(_ ofTen: Int) -> Bool { Int.random(in: 0..<10, using: &random) < ofTen }

    private mutating func note(from last: Int?, to number: Int) {
        guard let last, let missing = LogSegments(activePath: path).missing(between: last, and: number) else { return }
        items.append(.gap(.missing(missing)))
    }

    private mutating func event(isShort: Bool = false) -> Event {
        count += 1
        // Now and then one that doesn't fit into what is read at once.
        let isLong = !isShort && Int.random(in: 0..<30, using: &random) == 0
        let length = isLong ? 70_000 : Int.random(in: 0..<40, using: &random)
        let payload: Payload = ["text": .string(String(repeating: "x", count: length))]
        return Event(id: EventID("id-\(count)"), .taskStarted, from: "a", payload: payload, timestamp: .earliest)
    }

    /// Writes one segment.
    private mutating func write(_ name: String, repeating previous: String?, isActive: Bool) throws {
        var text = chance(1) ? "\u{feff}" : ""
        var ids: [EventID] = []
        let file = directory[name]
        func show(_ event: Event, _ isShown: Bool = true) -> Item? {
            ids.append(event.id)
            return isShown ? .event(event.id) : nil
        }
        if let previous, !before.isEmpty, chance(4) {
            if chance(3) {
                let event = event(isShort: true)
                text += "\(event)\n"
                items += [show(event)].compactMap(\.self)
            }
            let first = Int.random(in: 0..<before.count, using: &random)
            let tail = Array(before[first...])
            // Some of the repeated events never reached the disk in the segment before.
            let repeated = tail.filter { _ in chance(7) } + (0..<(chance(3) ? 1 : 0)).map { _ in event().id }
            let payload: JSONValue = [
                "previous": .string(previous), "from": .string(tail[0].description),
                "repeated": .integer(repeated.count),
            ]
            count += 1
            let id = EventID("id-\(count)")
            let resumption = Event(id: id, .custom("LogResumed"), payload: Payload(payload), timestamp: .earliest)
            text += "\(resumption)\n"
            items += [show(resumption)].compactMap(\.self)
            for id in repeated {
                let event = Event(id: id, .taskStarted, from: "a", timestamp: .earliest)
                text += "\(event)\n"
                items += [show(event, !tail.contains(id))].compactMap(\.self)
            }
        }
        for _ in 0..<Int.random(in: 0...7, using: &random) {
            switch Int.random(in: 0..<10, using: &random) {
            case 0:
                items.append(.skipped(file: file, offset: Int64(text == "\u{feff}" ? 0 : text.utf8.count)))
                text += "garbage\n"
            case 1: text += ["\n", " \t\n", "\r\n"].randomElement(using: &random) ?? "\n"
            default:
                let event = event()
                text += "\(event)\(chance(1) ? "\r" : "")\n"
                items += [show(event)].compactMap(\.self)
            }
        }
        if chance(3) {
            let torn = event()
            if isActive {
                // It may still get its end.
                text += "\(torn)".prefix(chance(5) ? 20 : 10_000)
            } else if chance(5) {
                items.append(.skipped(file: file, offset: Int64(text == "\u{feff}" ? 0 : text.utf8.count)))
                text += "\(torn)".prefix(20)
            } else {
                // All but the newline.
                text += "\(torn)"
                items += [show(torn)].compactMap(\.self)
            }
        }
        before = ids
        try directory.append(text, to: name)
    }
}
