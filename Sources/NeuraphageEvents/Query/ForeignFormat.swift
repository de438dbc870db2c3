// Files that are not lines of JSON at all, known by their first bytes: one sentence that names the format helps more than a
// thousand lines that cannot be read.

/// A format that a person may take for a log.
struct ForeignFormat {
    /// What a file of this format is.
    let description: String
    /// The command that makes lines of it, to which the file's name is added.
    let command: String

    private static let all: [(beginning: [UInt8], format: ForeignFormat)] = [
        ([0x1f, 0x8b], .init(description: "compressed with gzip", command: "gunzip -c")),
        ([0x28, 0xb5, 0x2f, 0xfd], .init(description: "compressed with zstd", command: "zstd -dc")),
        ([0xfd, 0x37, 0x7a, 0x58, 0x5a], .init(description: "compressed with xz", command: "xz -dc")),
        ([0x42, 0x5a, 0x68], .init(description: "compressed with bzip2", command: "bunzip2 -c")),
        ([0xff, 0xfe], .init(description: "UTF-16 text, not UTF-8", command: "iconv -f UTF-16 -t UTF-8")),
        ([0xfe, 0xff], .init(description: "UTF-16 text, not UTF-8", command: "iconv -f UTF-16 -t UTF-8")),
        ([0x7b, 0x00], .init(description: "UTF-16 text, not UTF-8", command: "iconv -f UTF-16LE -t UTF-8")),
        ([0x00, 0x7b], .init(description: "UTF-16 text, not UTF-8", command: "iconv -f UTF-16BE -t UTF-8")),
    ]

    private init(description: String, command: String) {
        self.description = description
        self.command = command
    }

    /// The format of a file whose first line this is; `nil` if the line is not the first one, or the format is none that is
    /// known.
    init?(_ line: Span<UInt8>, _ position: LinePosition) {
        guard position.offset == 0 else { return nil }
        let found = Self.all.first { beginning, _ in
            line.count >= beginning.count && beginning.indices.allSatisfy { line[$0] == beginning[$0] }
        }
        guard let found else { return nil }
        self = found.format
    }

    /// Why a source of this format cannot be read.
    func error(_ source: LogSource) -> EventLogError {
        let name = source.name
        return EventLogError(
            .notUsable,
            path: name,
            because: "cannot read \(name): it is \(description); try: \(command) FILE | np events -"
        )
    }
}
