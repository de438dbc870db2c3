// The records of all files that were changed, in one file of the data directory, a line each. It is replaced as a whole,
// under the lock that whoever sets up or takes back holds.

import NeuraphageEvents

/// The files that were changed for the repositories of a data directory.
struct SetupManifest {
    private let path: String
    private(set) var records: [SetupRecord]

    /// - Throws: ``SetupError`` if the file cannot be read or holds something else: what it remembers cannot be made up.
    init(dataDirectory: String) throws(SetupError) {
        path = dataDirectory + "/setup.jsonl"
        let text = String(decoding: try FileOnDisk.read(path)?.bytes ?? [], as: UTF8.self)
        records = []
        for (index, line) in text.split(separator: "\n").enumerated() {
            guard let record = SetupRecord(line: line) else {
                throw SetupError(
                    "line \(index + 1) of \(path) is not what np init wrote; it remembers what files were before: "
                        + "put that line aside and try again"
                )
            }
            records.append(record)
        }
    }

    subscript(path: String) -> SetupRecord? {
        records.first { $0.path == path }
    }

    /// Remembers a file, in place of what is remembered of it so far.
    mutating func set(_ record: SetupRecord) throws(SetupError) {
        guard self[record.path] != record else { return }
        records.removeAll { $0.path == record.path }
        records.append(record)
        try write()
    }

    /// Forgets a file.
    mutating func remove(_ path: String) throws(SetupError) {
        guard self[path] != nil else { return }
        records.removeAll { $0.path == path }
        try write()
    }

    private func write() throws(SetupError) {
        guard !records.isEmpty else { return try FileOnDisk.remove(path) }
        let text = records.map { $0.line + "\n" }.joined()
        try FileOnDisk.replace(path, with: FileContents(bytes: Array(text.utf8), permissions: 0o600))
    }
}
