// A checkpoint's file, open: its head and table are read and checked at once, its parts when they are asked for.

import NeuraphageEvents
import NeuraphagePlatform

/// An open checkpoint.
final class CheckpointFile: Sendable {
    let head: CheckpointHead
    private let rows: [StoredParts.Row]
    /// Where the records begin.
    private let start: Int64
    private let descriptor: Int32
    private let files: any FileSystem

    /// What there is at a path.
    enum Found {
        case nothing
        case newer(format: Int?, projection: Int)
        case checkpoint(CheckpointFile)
    }

    /// Looks at what there is. What cannot be read, or is not what was written, is nothing.
    static func find<P: Projection>(_ path: String, of _: P.Type, in files: any FileSystem) -> Found {
        let flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
        guard let descriptor = try? files.open(path, flags: flags, permissions: 0) else { return .nothing }
        var isKept = false
        defer { if !isKept { files.close(descriptor) } }
        guard let status = try? files.status(of: descriptor), status.isRegularFile,
            let size = Int(exactly: status.size),
            let head = try? files.bytes(of: descriptor, atMost: min(size, CheckpointHead.size))
        else { return .nothing }
        switch CheckpointHead.read(head, of: P.name, version: P.version) {
        case .unusable: return .nothing
        case .newer(let format, let projection): return .newer(format: format, projection: projection)
        case .head(let read, let count):
            let start = Int64(CheckpointHead.size)
            guard let tableSize = CheckpointHead.tableSize(count, inFileOf: size),
                let table = try? files.bytes(of: descriptor, from: start, atMost: tableSize), table.count == tableSize,
                let rows = CheckpointHead.rows(of: table, after: head, inFileOf: size)
            else { return .nothing }
            isKept = true
            return .checkpoint(CheckpointFile(read, rows, start + Int64(tableSize), descriptor, files))
        }
    }

    private init(
        _ head: CheckpointHead,
        _ rows: [StoredParts.Row],
        _ start: Int64,
        _ descriptor: Int32,
        _ files: any FileSystem
    ) {
        (self.head, self.rows, self.start, self.descriptor, self.files) = (head, rows, start, descriptor, files)
    }

    deinit {
        files.close(descriptor)
    }

    /// The parts with these keys, or all; `nil` if one of them is not what was written.
    func parts(of keys: Set<String>?) -> StoredParts? {
        var parts = StoredParts()
        if let keys {
            let wanted = keys.flatMap { StoredParts.candidates(for: PartKey(text: $0), in: rows) }
            // Two keys that share a hash have the same candidates.
            for row in Set(wanted).sorted(by: { $0.hash < $1.hash }) {
                guard let record = bytes(row.record) else { return nil }
                parts.add(record, as: row)
            }
        } else {
            guard let all = bytes(0..<(rows.last?.record.upperBound ?? 0)) else { return nil }
            parts = StoredParts(rows: rows, bytes: all)
        }
        return parts.isSound ? parts : nil
    }

    private func bytes(_ range: Range<Int>) -> [UInt8]? {
        let bytes = try? files.bytes(of: descriptor, from: start + Int64(range.lowerBound), atMost: range.count)
        return bytes?.count == range.count ? bytes : nil
    }
}
