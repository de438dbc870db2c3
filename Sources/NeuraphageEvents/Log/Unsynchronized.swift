// What is in the file and perhaps not on the disk.

/// Somebody who waits until their events are on the disk.
struct Synchronization: Sendable {
    private let continuation: CheckedContinuation<EventLogError?, Never>

    init(_ continuation: CheckedContinuation<EventLogError?, Never>) {
        self.continuation = continuation
    }

    /// Lets them go on: with an error, if the events may not be on the disk.
    func resume(_ error: EventLogError?) {
        continuation.resume(returning: error)
    }
}

/// The lines that have not been synchronized, the files they are in, and who waits for them.
struct Unsynchronized: Sendable {
    /// All that is to be put on the disk together.
    struct Batch: Sendable {
        fileprivate(set) var files: [OpenSegment]
        fileprivate(set) var waiting: [Synchronization]
        fileprivate let end: Int

        /// Waits until it is on the disk.
        func run() -> EventLogError? {
            do throws(EventLogError) {
                for file in files { try file.synchronize() }
                return nil
            } catch {
                return error
            }
        }
    }

    /// How many bytes are kept to be written again if they cannot be synchronized.
    let limit: Int
    private(set) var lines: [UInt8] = []
    private(set) var waiting: [Synchronization] = []
    /// When the first of them was written, in ns.
    private(set) var since: UInt64?
    private var files: [OpenSegment] = []
    /// How many bytes there were before `lines`, ever.
    private var start = 0

    init(limit: Int) {
        self.limit = limit
    }

    /// Whether there is so much that it should not wait.
    var isMuch: Bool { lines.count > limit / 2 }

    mutating func add(_ file: OpenSegment?, at now: UInt64) {
        since = since ?? now
        if let file, !files.contains(where: { $0 === file }) { files.append(file) }
    }

    mutating func keep(_ bytes: [UInt8]) {
        lines += bytes
        guard lines.count > limit else { return }
        let excess = lines.count - limit
        let end = (lines[excess...].firstIndex(of: UInt8(ascii: "\n")) ?? lines.count - 1) + 1
        lines.removeFirst(end)
        start += end
    }

    mutating func await(_ synchronization: Synchronization) {
        waiting.append(synchronization)
    }

    /// Everything, and one more file if it isn't among it.
    mutating func take(and file: OpenSegment?) -> Batch {
        if let file, !files.contains(where: { $0 === file }) { files.append(file) }
        defer {
            files = []
            waiting = []
            since = nil
        }
        return Batch(files: files, waiting: waiting, end: start + lines.count)
    }

    /// Forgets what is on the disk now.
    mutating func forget(_ batch: Batch) {
        let count = min(max(0, batch.end - start), lines.count)
        lines.removeFirst(count)
        start += count
    }

    /// Forgets the files, as what is kept stands in another one now – unless somebody waits, who may be waiting for more
    /// than what is kept.
    mutating func forgetFiles() {
        if waiting.isEmpty { files = [] }
    }

    /// Forgets everything: it is on the disk.
    mutating func forgetAll() {
        start += lines.count
        lines = []
    }
}
