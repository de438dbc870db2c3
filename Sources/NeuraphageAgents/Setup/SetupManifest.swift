// The records of all files that were changed, in one file of the data directory, a line each. It is replaced as a whole,
// under the lock that whoever sets up or takes back holds.

import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageSystem
import NeuraphageTasks

/// The files that were changed for the repositories of a data directory.
struct SetupManifest {
    private let path: String
    private let files: UserFiles
    private(set) var records: [SetupRecord]

    /// - Throws: ``OperationError`` if the file cannot be read or holds something else: what it remembers cannot be made up.
    init(in directory: DataDirectory) throws(OperationError) {
        path = directory.setupManifest
        files = UserFiles(files: directory.files)
        let text = String(decoding: try files.read(path)?.bytes ?? [], as: UTF8.self)
        try FileFormat.setupManifest.check(text, of: path)
        records = []
        for (index, line) in text.split(separator: "\n").enumerated() {
            guard let record = SetupRecord(line: line) else {
                throw OperationError(
                    .setup,
                    "line \(index + 1) of \(path) is not what np init wrote, "
                        + "and the file remembers what others were before",
                    hint: "put that line aside and try again"
                )
            }
            records.append(record)
        }
    }

    subscript(path: String) -> SetupRecord? {
        records.first { $0.path == path }
    }

    /// Remembers a file, in place of what is remembered of it so far.
    mutating func set(_ record: SetupRecord) throws(OperationError) {
        guard self[record.path] != record else { return }
        records.removeAll { $0.path == record.path }
        records.append(record)
        try write()
    }

    /// Forgets a file.
    mutating func remove(_ path: String) throws(OperationError) {
        guard self[path] != nil else { return }
        records.removeAll { $0.path == path }
        try write()
    }

    private func write() throws(OperationError) {
        guard !records.isEmpty else { return try files.remove(path) }
        let text = records.map { $0.line + "\n" }.joined()
        try files.replace(path, with: FileContents(bytes: Array(text.utf8), permissions: 0o600))
    }
}
