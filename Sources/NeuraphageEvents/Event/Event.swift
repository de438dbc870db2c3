// One thing that happened. Immutable, one reference wide: copying an event costs a reference count, so that a ring, a
// batch and a hundred subscribers can share it.

/// One thing that happened: what, to whom, when, and the details.
///
/// An event is a fact and never changes. Making one mints its id and takes the time; copying one is cheap.
public struct Event: Sendable {
    private final class Storage: Sendable {
        let id: EventID
        let kind: EventKind
        let source: TaskID?
        let target: TaskID?
        let payload: Payload
        let timestamp: Timestamp
        let others: Payload

        init(
            id: EventID,
            kind: EventKind,
            source: TaskID?,
            target: TaskID?,
            payload: Payload,
            timestamp: Timestamp,
            others: Payload
        ) {
            self.id = id
            self.kind = kind
            self.source = source
            self.target = target
            self.payload = payload
            self.timestamp = timestamp
            self.others = others
        }
    }

    private let storage: Storage

    /// The event's identity, unique; see ``EventID``.
    public var id: EventID { storage.id }
    /// What kind of thing happened.
    public var kind: EventKind { storage.kind }
    /// The task that the event comes from, if it comes from one.
    public var source: TaskID? { storage.source }
    /// The task that the event is addressed to, if it is addressed to one.
    public var target: TaskID? { storage.target }
    /// The details: any JSON, an object by convention.
    public var payload: Payload { storage.payload }
    /// When it happened, as the writer's clock said.
    public var timestamp: Timestamp { storage.timestamp }
    /// The members of its line that this library does not know, kept as they came: an empty object if there are none.
    package var others: Payload { storage.others }

    /// An event that happens now.
    ///
    /// - Parameters:
    ///   - kind: What happened.
    ///   - source: The task it comes from.
    ///   - target: The task it is addressed to.
    ///   - payload: The details; an empty object if there are none.
    ///   - generator: Where the id and the time come from: the process's own generator if you don't say otherwise.
    public init(
        _ kind: EventKind,
        from source: TaskID? = nil,
        to target: TaskID? = nil,
        payload: Payload = .empty,
        generator: EventIDGenerator? = nil
    ) {
        let (id, timestamp) = (generator ?? .shared).mint()
        self.init(id: id, kind, from: source, to: target, payload: payload, timestamp: timestamp)
    }

    /// An event that has an id and a time already.
    public init(
        id: EventID,
        _ kind: EventKind,
        from source: TaskID? = nil,
        to target: TaskID? = nil,
        payload: Payload = .empty,
        timestamp: Timestamp
    ) {
        self.init(id: id, kind, from: source, to: target, payload: payload, timestamp: timestamp, others: .empty)
    }

    /// An event that was read, with members of its line that this library does not know.
    package init(
        id: EventID,
        _ kind: EventKind,
        from source: TaskID?,
        to target: TaskID?,
        payload: Payload,
        timestamp: Timestamp,
        others: Payload
    ) {
        storage = Storage(
            id: id,
            kind: kind,
            source: source,
            target: target,
            payload: payload,
            timestamp: timestamp,
            others: others
        )
    }
}

extension Event: Hashable {
    /// Whether all parts are equal, the payloads as texts.
    public static func == (left: Event, right: Event) -> Bool {
        left.storage === right.storage
            || left.id == right.id && left.kind == right.kind && left.source == right.source
                && left.target == right.target && left.payload == right.payload && left.timestamp == right.timestamp
                && left.others == right.others
    }

    /// Hashes the id.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(id)
    }
}

extension Event: CustomStringConvertible {
    /// The event's line in the log, without the newline.
    public var description: String {
        var line: [UInt8] = []
        encode(into: &line)
        return String(decoding: line, as: UTF8.self)
    }
}
