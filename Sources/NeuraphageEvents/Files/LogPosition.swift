// The one noun for a place in a log: readers end at one, and begin again at one.

/// A place in a log: a segment, and an offset in it. It is valid as long as the segment is the same file.
package struct LogPosition: Hashable, Sendable {
    /// The segment.
    package var file: FileStatus.Identity
    /// The offset after the last whole line.
    package var offset: Int64
    /// The number that the segment has, or will get when it ends: segments with greater numbers come later. 0 if it isn't
    /// known.
    package var number: Int

    package init(file: FileStatus.Identity, offset: Int64, number: Int = 0) {
        self.file = file
        self.offset = offset
        self.number = number
    }
}
