// Ids as a person types them: the beginning of one is enough if no other event's id begins so.

/// What the beginning of an id means.
package enum IDMeaning: Hashable, Sendable {
    case one(EventID)
    case none
    /// Some of the ids that begin so.
    case several([EventID])
}

extension EventScan {
    /// How many ids are named where several are meant.
    private static let mostNamed = 3

    /// The event whose id is `text`, or begins with it. A whole id means itself, whether the log has it or not; the beginning
    /// of one costs a pass over the log.
    ///
    /// - Throws: ``EventLogError`` if the log cannot be read.
    package static func meaning(
        ofID text: String,
        inLogAt path: String,
        _ files: any FileSystem
    ) throws -> IDMeaning {
        guard !text.isEmpty else { return .none }
        let id = EventID(text)
        // A UUID in its canonical form begins no other.
        if text.utf8.count == EventID.textLength, id.millisecond != nil { return .one(id) }
        let typed = text.lowercased()
        let sought = SoughtText(typed)
        var found: [EventID] = []
        guard var cursor = try LogCursor.open(.log(path), in: files) else { return .none }
        var isExact = false
        while !isExact {
            let step = try cursor.next(atMost: 1 << 20) { place, line in
                guard !sought.isRuledOut(by: line), let candidate = LineExaminer.id(line, place) else { return true }
                if candidate == id {
                    isExact = true
                } else if found.count <= mostNamed, candidate.description.lowercased().hasPrefix(typed),
                    !found.contains(candidate)
                {
                    found.append(candidate)
                }
                return !isExact
            }
            if step == .end { break }
        }
        if isExact { return .one(id) }
        if found.count == 1 { return .one(found[0]) }
        return found.isEmpty ? .none : .several(Array(found.prefix(mostNamed)))
    }
}
