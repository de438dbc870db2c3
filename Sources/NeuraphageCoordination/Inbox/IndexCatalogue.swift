// The one file that says what of an index is true. Written as a whole when all the rest is; so what it says is so, unless
// the machine lost power, and then the lengths don't fit or a line isn't one.

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
    }

    private static let head = "np inbox index 1"
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

    static func remove(from directory: String) {
        unlink("\(directory)/\(name)")
    }

    /// Reads the catalogue; `nil` if there is none, or it isn't whole.
    init?(storedIn directory: String) {
        guard
            let text = try? RealFileSystem().contents(of: "\(directory)/\(Self.name)", atMost: Self.longest),
            text.hasSuffix("\nend\n")
        else { return nil }
        let lines = text.split(separator: "\n").dropLast()
        guard lines.count >= 2, lines[0] == Self.head else { return nil }
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
            guard words.count == 3, let version = Int(words[1]), let size = Int(words[2]), size > 0 else { return nil }
            files[String(words[0])] = File(version: version, size: size)
        }
    }

    /// Replaces the catalogue in the directory by this one.
    mutating func store(in directory: String) throws(LockError) {
        guard let end, let beginning, let mark else { return }
        var text = "\(Self.head)\n\(end.file.device) \(end.file.inode) \(end.offset) \(end.number) "
        text += "\(beginning.device) \(beginning.inode) \(mark)\n"
        for (name, file) in files { text += "\(name) \(file.version) \(file.size)\n" }
        do throws(SystemError) {
            try SmallFile.replace("\(directory)/\(Self.name)", with: text + "end\n")
        } catch {
            throw LockError(cannot: "write into", directory, error)
        }
        for path in outdated { unlink(path) }
        outdated = []
    }
}
