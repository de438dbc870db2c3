// What ends something that an agent began: the event is made by a hook, which doesn't know what that was.

extension Event {
    /// The event, which ends something, with the event that began that.
    package func ending(_ begin: EventID) -> Event {
        guard payload["begin"] == nil else { return self }
        let payload = payload.adding("begin", begin.description)
        return Event(id: id, kind, from: source, to: target, payload: payload, timestamp: timestamp)
    }
}
