// A piece of the log as streams are sent it, and those that were read last.

import NIOCore
import NeuraphageEvents

extension LogPages {
    /// One thing in a page.
    struct Entry: Sendable {
        /// The event; `nil` for a gap, which every stream is shown.
        var event: Event?
        /// Where the feed has the event, if it had to wait to be written.
        var waitedAt: UInt64?
        /// Where it is among the page's frames.
        var bytes: Range<Int>
    }

    /// What comes after a position.
    struct Page: Sendable {
        private(set) var frames = ByteBuffer()
        var entries: [Entry] = []
        /// Where the next page begins.
        var end: LogPosition?
        /// Whether this is all that there is now.
        var isLast = false

        fileprivate var size: Int { frames.readableBytes + entries.count * 512 }  // 512: about an event

        mutating func append(_ event: Event?, _ frame: ByteBuffer) {
            let begin = frames.writerIndex
            frames.writeImmutableBuffer(frame)
            entries.append(Entry(event: event, bytes: begin..<frames.writerIndex))
        }

        /// The frames of the entries that are wanted. Streams that want all share their bytes.
        func frames(where isWanted: (Entry) -> Bool) -> ByteBuffer {
            let wanted = entries.filter(isWanted)
            if wanted.count == entries.count { return frames }
            var some = ByteBuffer()
            for entry in wanted {
                guard let frame = frames.getSlice(at: entry.bytes.lowerBound, length: entry.bytes.count) else {
                    continue
                }
                some.writeImmutableBuffer(frame)
            }
            return some
        }
    }
}

/// The pages that were read last, up to 8 MiB of them.
struct PageShelf {
    private static let mostBytes = 8 << 20

    private var pages: [LogPosition?: LogPages.Page] = [:]
    /// The beginnings of the pages, oldest first.
    private var order: [LogPosition?] = []
    private var bytes = 0

    /// The page that begins at a position, if it is here.
    subscript(position: LogPosition?) -> LogPages.Page? { pages[position] }

    /// Puts a page here, in place of the oldest ones.
    mutating func keep(_ page: LogPages.Page, at position: LogPosition?) {
        // What comes at the end of the log may become more.
        var page = page
        page.isLast = false
        pages[position] = page
        order.append(position)
        bytes += page.size
        while bytes > Self.mostBytes, let oldest = order.first {
            order.removeFirst()
            bytes -= pages.removeValue(forKey: oldest)?.size ?? 0
        }
    }

    /// Whether the page that begins at a position is here, and will be when there is one more, as large as the latest.
    func keepsAfterOneMore(_ position: LogPosition?) -> Bool {
        guard pages[position] != nil else { return false }
        var left = bytes + (order.last.flatMap { pages[$0]?.size } ?? 0)
        for oldest in order {
            if left <= Self.mostBytes { return true }
            if oldest == position { return false }
            left -= pages[oldest]?.size ?? 0
        }
        return true
    }
}
