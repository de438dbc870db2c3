// How far apart two positions of a log are, from the sizes of its segments alone: nothing is read for that.

/// How long a log is, and how far its positions are apart, at one moment.
package struct LogMeasure: Hashable, Sendable {
    /// One file of the log.
    package struct Segment: Hashable, Sendable {
        package let number: Int
        package let identity: FileStatus.Identity
        package let size: Int64
    }

    /// The log's files, in its order.
    package private(set) var segments: [Segment] = []
    /// Where each segment begins, in bytes from the beginning of the log.
    private var beginnings: [Int: Int64] = [:]
    private var end: Int64 = 0

    /// The measure of a log without segments.
    package init() {}

    /// The measure of a log whose segments have these sizes, the first of them having the number 1.
    init(sizes: [Int64]) {
        for (index, size) in sizes.enumerated() { add(size, number: index + 1) }
    }

    /// The measure of a log as it is now. Costs a look at each segment's size.
    ///
    /// - Throws: ``EventLogError`` if the log cannot be read.
    package init(ofLogAt path: String, _ fileSystem: any FileSystem) throws(EventLogError) {
        let log = try OpenLog(path: path, fileSystem)
        for segment in log.ended {
            add(try? fileSystem.status(at: segment.path, followingLinks: false), number: segment.number)
        }
        add(log.active?.status, number: log.activeNumber)
    }

    private mutating func add(_ status: FileStatus?, number: Int) {
        if let status { segments.append(Segment(number: number, identity: status.identity, size: status.size)) }
        add(status?.size ?? 0, number: number)
    }

    private mutating func add(_ size: Int64, number: Int) {
        beginnings[number] = end
        end = end.saturatingPlus(size)
    }

    /// How many bytes lie between two positions, of which the second comes after the first; `nil` is the beginning of the
    /// log as the first one, and its end as the second.
    package func bytes(from start: LogPosition?, to end: LogPosition?) -> Int64 {
        max(0, (end.map(offset) ?? self.end) - (start.map(offset) ?? 0))
    }

    private func offset(of position: LogPosition) -> Int64 {
        min(end, (beginnings[position.segment] ?? end).saturatingPlus(position.offset))
    }
}
