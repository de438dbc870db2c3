// The one file that says what of an index is true. Written as a whole when all the rest is; so what it says is so, unless
// the machine lost power or a disk forgot something, and then a checksum doesn't fit: that of the catalogue stands at its
// end, those of the other files in it.

import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageSystem

/// How far an index has read the log, and what it has found there.
struct IndexCatalogue {
    /// A task's file.
    struct File: Equatable {
        /// Part of its name.
        var version = 0
        /// How much of it counts, in bytes.
        var size = 0
        /// The checksum of what counts.
        var checksum = StableHash.ofNothing
        /// Whether it has messages that reached no task, as no mark says yet.
        var hasRemainders = false
    }

    private static let mark = "np inbox index "
    private static let head = mark + String(FileFormat.notificationIndex.version)
    private static let name = "catalogue"
    private static let longest = 64 << 20
    /// Says of a file that it has such.
    private static let remainders = "remainders"

    /// Up to where the log has been read; `nil` if there was none.
    var end: LogPosition?
    /// The first file of the log.
    var beginning: FileStatus.Identity?
    /// The tasks' files that are not empty.
    var files: [String: File] = [:]
    /// Files that nothing speaks of any more once this is stored.
    var outdated: [String] = []

    init() {}

    private static let endBytes = end(of: []).utf8.count

    /// The last line, behind this text.
    private static func end(of text: some Sequence<UInt8>) -> String {
        "end \(StableHash.digits(StableHash.of(text)))\n"
    }

    static func remove(from directory: String, _ files: any FileSystem) {
        try? files.remove("\(directory)/\(name)")
    }

    /// Reads the catalogue; `nil` if there is none, or it isn't whole.
    ///
    /// - Throws: ``OperationError`` if it is one of a newer version.
    init?(storedIn directory: String, _ fileSystem: any FileSystem) throws(OperationError) {
        let path = "\(directory)/\(Self.name)"
        guard let text = try? fileSystem.contents(of: path, atMost: Self.longest) else { return nil }
        let first = text.prefix { $0 != "\n" }
        if first.hasPrefix(Self.mark), let version = Int(first.dropFirst(Self.mark.count)),
            version > FileFormat.notificationIndex.version
        {
            throw FileFormat.notificationIndex.newer(version, path)
        }
        guard
            case let lines = text.utf8.dropLast(Self.endBytes), text.hasSuffix(Self.end(of: lines)),
            case let lines = Substring(lines).split(separator: "\n"), lines.count >= 2, lines[0] == Self.head
        else { return nil }
        let place = lines[1].split(separator: " ")
        let numbers = place.dropFirst().compactMap { UInt64($0) }
        guard place.count == 3, numbers.count == 2, let end = LogPosition(String(place[0])) else { return nil }
        self.end = end
        beginning = .init(device: numbers[0], inode: numbers[1])
        for line in lines.dropFirst(2) {
            let words = line.split(separator: " ")
            guard words.count == 5, let version = Int(words[1]), let size = Int(words[2]), size > 0,
                (0..<Int.max).contains(version),
                let checksum = UInt64(words[3])
            else { return nil }
            let hasRemainders = words[4] == Self.remainders
            files[String(words[0])] =
                File(version: version, size: size, checksum: checksum, hasRemainders: hasRemainders)
        }
    }

    /// Replaces the catalogue in the directory by this one.
    mutating func store(in directory: String, _ fileSystem: any FileSystem) throws(OperationError) {
        guard let end, let beginning else { return }
        var text = "\(Self.head)\n\(end) \(beginning.device) \(beginning.inode)\n"
        for (name, file) in files {
            let remainders = file.hasRemainders ? Self.remainders : "-"
            text += "\(name) \(file.version) \(file.size) \(file.checksum) \(remainders)\n"
        }
        do throws(SystemError) {
            try WholeFile.replace("\(directory)/\(Self.name)", with: text + Self.end(of: text.utf8), in: fileSystem)
        } catch {
            throw .cannot("write into", directory, error)
        }
        for path in outdated { try? fileSystem.remove(path) }
        outdated = []
    }
}
