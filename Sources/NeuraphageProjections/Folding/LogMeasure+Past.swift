import NeuraphageEvents
import NeuraphageSystem

extension LogMeasure {
    /// A number for the files that have what precedes a position: the ones before its own, with their sizes, and its own. If
    /// one of them was removed, replaced, or cut, or got another line, it is another number. `nil` if the log doesn't have
    /// the position's own. The device doesn't count: it is another one after a restart, or in a container.
    func past(of position: LogPosition) -> UInt64? {
        var words: [UInt64] = []
        for segment in segments where segment.number <= position.segment {
            words += [UInt64(segment.number), segment.identity.inode]
            if segment.number < position.segment { words.append(UInt64(segment.size)) }
        }
        guard segments.contains(where: { $0.number == position.segment }) else { return nil }
        return words.withUnsafeBytes { StableHash.ofWords($0) }
    }
}
