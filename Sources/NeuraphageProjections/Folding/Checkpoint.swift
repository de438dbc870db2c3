// What a fold has come to, in bytes. First a preamble that every version begins with, so that a newer one is known as such and
// left alone; then up to where the log was folded, and which files that was in; then the table of the parts; then the parts.
// Each byte is covered by a checksum: what a disk has lost or changed is noticed.

import NeuraphageEvents
import NeuraphageSystem

/// The beginning of a checkpoint: of which projection it is, and how far that has come.
struct CheckpointHead: Hashable, Sendable {
    /// The projection's version.
    var version: Int
    /// The projection.
    var name: String
    /// Up to where the log was folded.
    var end: LogPosition
    /// What ``LogMeasure/past(of:)`` said of that.
    var past: UInt64
    /// The latest time of the events that were folded.
    var latest: Timestamp
    var report: FoldReport

    private static let mark = UInt64(0x0a64_6c6f_6620_706e)  // "np fold\n"
    private static let preambleWords = 4
    private static let words = 14
    static let size = words * Words.size
    private static let rowSize = 3 * Words.size

    /// What the first bytes of a file say.
    enum Statement: Hashable {
        /// It is no checkpoint that can be used.
        case unusable
        /// It is of a newer version of the format, or of the projection.
        case newer(format: Int?, projection: Int)
        /// It is one, and has so many parts.
        case head(CheckpointHead, count: Int)
    }

    // MARK: - Writing

    /// The whole file.
    func encoded(with parts: StoredParts) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.size + parts.rows.count * Self.rowSize + parts.bytes.count)
        bytes.append(word: Self.mark)
        bytes.append(word: UInt64(FileFormat.checkpoint.version))
        bytes.append(word: UInt64(version))
        bytes.append(word: Self.checksum(of: bytes))
        bytes.append(word: StableHash.of(name.utf8))
        bytes.append(word: UInt64(end.segment))
        bytes.append(word: UInt64(end.offset))
        bytes.append(word: UInt64(end.mark))
        bytes.append(word: past)
        bytes.append(word: UInt64(bitPattern: latest.microsecondsSinceEpoch))
        bytes.append(word: UInt64(report.skippedCount))
        bytes.append(word: UInt64(report.missingFiles))
        bytes.append(word: UInt64(parts.rows.count))
        var table: [UInt8] = []
        for row in parts.rows {
            table.append(word: row.hash)
            table.append(word: UInt64(row.record.count))
            table.append(word: row.checksum)
        }
        bytes.append(word: Self.checksum(of: table, after: Self.checksum(of: bytes)))
        bytes += table
        bytes += parts.bytes
        return bytes
    }

    private static func checksum(of bytes: [UInt8], after number: UInt64 = StableHash.ofNothing) -> UInt64 {
        bytes.withUnsafeBytes { StableHash.ofWords($0, after: number) }
    }

    // MARK: - Reading

    /// What the first ``size`` bytes of a file say. That they are whole is known when the table is read.
    static func read(_ bytes: [UInt8], of name: String, version: Int) -> Statement {
        guard bytes.count >= preambleWords * Words.size else { return .unusable }
        let preamble = preambleWords - 1
        guard word(0, bytes) == mark,
            checksum(of: Array(bytes.prefix(preamble * Words.size))) == word(preamble, bytes),
            let format = Int(exactly: word(1, bytes)), let own = Int(exactly: word(2, bytes))
        else { return .unusable }
        if format > FileFormat.checkpoint.version { return .newer(format: format, projection: own) }
        guard format == FileFormat.checkpoint.version else { return .unusable }
        if own > version { return .newer(format: nil, projection: own) }
        guard own == version, bytes.count >= size, word(4, bytes) == StableHash.of(name.utf8),
            let segment = Int(exactly: word(5, bytes)), let offset = Int64(exactly: word(6, bytes)),
            let mark = UInt32(exactly: word(7, bytes)), let skipped = Int(exactly: word(10, bytes)),
            let missing = Int(exactly: word(11, bytes)), let count = Int(exactly: word(12, bytes))
        else { return .unusable }
        let head = CheckpointHead(
            version: version,
            name: name,
            end: LogPosition(segment: segment, offset: offset, mark: mark),
            past: word(8, bytes),
            latest: Timestamp(microsecondsSinceEpoch: Int64(bitPattern: word(9, bytes))),
            report: FoldReport(skippedCount: skipped, missingFiles: missing)
        )
        return .head(head, count: count)
    }

    private static func word(_ index: Int, _ bytes: [UInt8]) -> UInt64 { Words.read(at: index * Words.size, in: bytes) }

    /// How long the table of so many parts is; `nil` if no file of this size has one.
    static func tableSize(_ count: Int, inFileOf size: Int) -> Int? {
        count <= (size - Self.size) / rowSize ? count * rowSize : nil
    }

    /// The rows of a table, with the places of their records in the bytes behind it; `nil` if the head, the table, or the
    /// file's size isn't what was written.
    static func rows(of table: [UInt8], after head: [UInt8], inFileOf size: Int) -> [StoredParts.Row]? {
        let checked = checksum(of: Array(head.prefix((words - 1) * Words.size)))
        guard head.count == Self.size, checksum(of: table, after: checked) == word(words - 1, head) else { return nil }
        var left = size - Self.size - table.count
        var offset = 0
        var rows: [StoredParts.Row] = []
        rows.reserveCapacity(table.count / rowSize)
        for start in stride(from: 0, to: table.count, by: rowSize) {
            let length = Words.read(at: start + Words.size, in: table)
            guard length <= UInt64(max(0, left)) else { return nil }
            let record = offset..<offset + Int(length)
            let checksum = Words.read(at: start + 2 * Words.size, in: table)
            rows.append(StoredParts.Row(hash: Words.read(at: start, in: table), record: record, checksum: checksum))
            (left, offset) = (left - record.count, record.upperBound)
        }
        return left == 0 ? rows : nil
    }
}
