// Parts as a checkpoint has them: a table, sorted by the hash of the key, and one record after the other. A record begins with
// the key, because two keys may have one hash, and each record has a checksum.

import NeuraphageSystem

/// The key of a part. Different bytes are different keys, as they are for files, whatever they look like.
struct PartKey: Hashable, Sendable {
    let text: String
    /// A number for the bytes, the same on every machine.
    let stableHash: UInt64

    init(text: String) {
        self.text = text
        var text = text
        stableHash = text.withUTF8 { StableHash.ofWords(UnsafeRawBufferPointer($0)) }
    }

    /// Keys are compared for each event that is folded, so not byte by byte: two that are equal as strings, and whose numbers
    /// are, have other bytes only by an accident that doesn't happen.
    static func == (left: Self, right: Self) -> Bool { left.stableHash == right.stableHash && left.text == right.text }

    func hash(into hasher: inout Hasher) { hasher.combine(stableHash) }
}

/// Encoded parts.
struct StoredParts: Sendable {
    struct Row: Hashable, Sendable {
        /// The hash of the key.
        var hash: UInt64
        /// Where the record is in the bytes.
        var record: Range<Int>
        var checksum: UInt64
    }

    private static let lengthBytes = 8

    private(set) var rows: [Row] = []
    private(set) var bytes: [UInt8] = []

    init() {}

    /// - Parameter rows: Sorted by their hashes.
    init(rows: [Row], bytes: [UInt8]) {
        self.rows = rows
        self.bytes = bytes
    }

    /// The checksum of a record.
    static func checksum(of record: Range<Int>, in bytes: [UInt8]) -> UInt64 {
        bytes.withUnsafeBytes { StableHash.ofWords(UnsafeRawBufferPointer(rebasing: $0[record])) }
    }

    // MARK: - Reading

    /// The rows that may be those of a key: more than one if keys share a hash.
    static func candidates(for key: PartKey, in rows: [Row]) -> ArraySlice<Row> {
        let hash = key.stableHash
        var (low, high) = (0, rows.count)
        while low < high {
            let middle = (low + high) / 2
            if rows[middle].hash < hash { low = middle + 1 } else { high = middle }
        }
        return rows[low...].prefix { $0.hash == hash }
    }

    /// Where the bytes of the part with a key are.
    func bytes(of key: PartKey) -> Range<Int>? {
        for row in Self.candidates(for: key, in: rows) where self.key(of: row) == key {
            return keyRange(of: row).upperBound..<row.record.upperBound
        }
        return nil
    }

    func part<Part: ProjectionPart>(in range: Range<Int>) -> Part? { Part(bytes.span.extracting(range)) }

    func key(of row: Row) -> PartKey { PartKey(text: String(decoding: bytes[keyRange(of: row)], as: UTF8.self)) }

    /// Whether each record is as it was written.
    var isSound: Bool {
        rows.allSatisfy { row in
            row.record.count >= Self.lengthBytes && Self.checksum(of: row.record, in: bytes) == row.checksum
        }
    }

    private func keyRange(of row: Row) -> Range<Int> {
        let start = row.record.lowerBound + Self.lengthBytes
        let length = Words.read(at: row.record.lowerBound, in: bytes)
        return start..<start + Int(min(length, UInt64(row.record.upperBound - start)))
    }

    // MARK: - Writing

    mutating func add(_ key: PartKey, _ encode: (inout [UInt8]) -> Void) {
        let start = bytes.count
        bytes.append(word: UInt64(key.text.utf8.count))
        bytes.append(contentsOf: key.text.utf8)
        encode(&bytes)
        let record = start..<bytes.count
        rows.append(
            Row(hash: key.stableHash, record: record, checksum: Self.checksum(of: record, in: bytes))
        )
    }

    mutating func add(copying row: Row, from other: StoredParts) {
        add(other.bytes[row.record], as: row)
    }

    /// Adds a record that is in another place elsewhere.
    mutating func add(_ record: some Collection<UInt8>, as row: Row) {
        let start = bytes.count
        bytes.append(contentsOf: record)
        rows.append(Row(hash: row.hash, record: start..<bytes.count, checksum: row.checksum))
    }

    /// Sorts the table, and the records with it.
    mutating func sort() {
        let unsorted = self
        rows = []
        bytes = []
        bytes.reserveCapacity(unsorted.bytes.count)
        for row in unsorted.rows.sorted(by: { $0.hash < $1.hash }) { add(copying: row, from: unsorted) }
    }
}

/// Numbers of eight bytes, the lowest byte first.
enum Words {
    static let size = 8

    static func read(at offset: Int, in bytes: [UInt8]) -> UInt64 {
        bytes.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) }
    }
}
