extension EventScan {
    /// Which of these ids a log has, in its last so many bytes. Times say nothing of where an event is: clocks step back,
    /// and a program that submits an event says itself when it happened.
    package static func ids(
        among ids: Set<EventID>,
        inLogAt path: String,
        readingAtMost mostBytes: Int,
        _ files: any FileSystem
    ) throws -> Set<EventID> {
        var found: Set<EventID> = []
        var scan = EventScan([.log(path)], fileSystem: files)
        scan.isNewestFirst = true
        scan.mostBytes = mostBytes
        _ = try scan.run { event, _ in
            if ids.contains(event.id) { found.insert(event.id) }
            return found.count < ids.count
        }
        return found
    }
}
