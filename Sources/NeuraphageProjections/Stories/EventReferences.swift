// What an event points to, and what points to it: by the ids in their payloads.

package import NeuraphageEvents

/// An event with what it points to and what points to it.
package struct EventReferences: Sendable {
    /// A member of a payload that holds the id of an event, and that event, if the log has it.
    package struct Reference: Sendable {
        package let member: String
        package let id: EventID
        package let event: Event?
    }

    /// How many references are looked up, and how many that point to the event are kept.
    package static let most = 20
    /// How much is read after the event to find what points to it, in MiB.
    package static let mostMebibytes = 64
    /// What holds ids in the payloads of kinds that np doesn't know.
    private static let usual = ["begin", "cause", "waited_for", "notification", "notifications"]

    package let event: Event
    package private(set) var to: [Reference] = []
    /// How many it points to besides.
    package private(set) var toLeftOut = 0
    package private(set) var from: [Reference] = []
    /// Whether more may point to it than was found: there was more to read than may be, or more to keep.
    package private(set) var isLimited = false

    /// Looks for them in a log.
    ///
    /// What points to the event is looked for after it, up to the event that ends what it began, and no further than so many
    /// MiB.
    ///
    /// - Throws: `EventLogError` if the log cannot be read.
    package init(of event: Event, inLogAt path: String, _ files: any FileSystem) throws {
        self.event = event
        let named = Self.ids(in: event)
        toLeftOut = max(0, named.count - Self.most)
        let told = named.prefix(Self.most)
        let others = Set(told.map(\.id)).subtracting([event.id])
        let events = others.isEmpty ? [:] : try EventScan.events(withIDs: others, inLogAt: path, files)
        to = told.map { member, id in
            Reference(member: member, id: id, event: id == event.id ? event : events[id])
        }
        try findWhatPointsToIt(inLogAt: path, files)
    }

    private mutating func findWhatPointsToIt(inLogAt path: String, _ files: any FileSystem) throws {
        let (event, text) = (event, event.id.description)
        var filter = EventFilter()
        filter.text = text
        var scan = EventScan([.log(path)], filter: filter, fileSystem: files)
        scan.start = .after(event.id)
        // It is asked before each MiB.
        let left = Lock(Self.mostMebibytes + 1)
        scan.isWanted = {
            left.withLock { left in
                left -= 1
                return left >= 0
            }
        }
        var found: [Reference] = []
        do {
            _ = try scan.run { other, _ in
                guard other.id != event.id,
                    let member = Self.ids(in: other).first(where: { $0.id == event.id })?.member
                else { return true }
                guard found.count < Self.most else {
                    isLimited = true
                    return false
                }
                found.append(Reference(member: member, id: other.id, event: other))
                return member != "begin"
            }
        } catch is CancellationError {
            isLimited = true
        }
        from = found
    }

    /// The ids in an event's payload, with the names of their members.
    private static func ids(in event: Event) -> [(member: String, id: EventID)] {
        let described = EventDescription.of(event.kind)?.members.filter { member in
            switch member.form {
            case .event, .events: true
            default: false
            }
        }
        return (described?.map(\.name) ?? usual).flatMap { name in
            let texts = event.payload.string(name).map { [$0] } ?? event.payload.strings(at: name)
            return texts.map { (name, EventID($0)) }
        }
    }
}
