// The one file that says what of an index is true. Written as a whole when all the rest is; so what it says is so, unless
// the machine lost power or a disk forgot something, and then a checksum doesn't fit: that of the catalogue stands at its
// end, those of the other files in it.

import NeuraphageEvents

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

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
    }

    private static let head = "np inbox index 2"
    private static let name = "catalogue"
    private static let longest = 64 << 20

    /// Up to where the log has been read; `nil` if there was none.
    var end: EventScan.Report.End?
    /// The first file of the log.
    var beginning: FileStatus.Identity?
    /// What stands in the log before ``end``.
    var mark: String?
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

    static func remove(from directory: String) {
        unlink("\(directory)/\(name)")
    }

    /// Reads the catalogue; `nil` if there is none, or it isn't whole.
    init?(storedIn directory: String) {
        guard
            let text = try? RealFileSystem().contents(of: "\(directory)/\(Self.name)", atMost: Self.longest),
            case let lines = text.utf8.dropLast(Self.endBytes), text.hasSuffix(Self.end(of: lines)),
            case let lines = Substring(lines).split(separator: "\n"), lines.count >= 2, lines[0] == Self.head
        else { return nil }
        let place = lines[1].split(separator: " ")
        let numbers = place.compactMap { UInt64($0) }
        guard place.count == 7, numbers.count >= 6, let offset = Int64(place[2]), let number = Int(place[3]) else {
            return nil
        }
        end = .init(file: .init(device: numbers[0], inode: numbers[1]), offset: offset, number: number)
        beginning = .init(device: numbers[4], inode: numbers[5])
        mark = String(place[6])
        for line in lines.dropFirst(2) {
            let words = line.split(separator: " ")
            guard words.count == 4, let version = Int(words[1]), let size = Int(words[2]), size > 0,
                let checksum = UInt64(words[3])
            else { return nil }
            files[String(words[0])] = File(version: version, size: size, checksum: checksum)
        }
    }

    /// Replaces the catalogue in the directory by this one.
    mutating func store(in directory: String) throws(LockError) {
        guard let end, let beginning, let mark else { return }
        var text = "\(Self.head)\n\(end.file.device) \(end.file.inode) \(end.offset) \(end.number) "
        text += "\(beginning.device) \(beginning.inode) \(mark)\n"
        for (name, file) in files { text += "\(name) \(file.version) \(file.size) \(file.checksum)\n" }
        do throws(SystemError) {
            try SmallFile.replace("\(directory)/\(Self.name)", with: text + Self.end(of: text.utf8))
        } catch {
            throw LockError(cannot: "write into", directory, error)
        }
        for path in outdated { unlink(path) }
        outdated = []
    }
}
