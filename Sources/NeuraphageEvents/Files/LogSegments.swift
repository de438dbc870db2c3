// The files of one log. The active one stands at the log's path; those that have ended stand beside it, numbered in the
// order in which they ended: event_log.000001.jsonl, event_log.000002.jsonl, …, event_log.jsonl.

/// The names of a log's files.
package struct LogSegments: Hashable, Sendable {
    /// A segment that has ended.
    package struct Ended: Hashable, Sendable {
        package let number: Int
        package let path: String
    }

    /// Segments that are not there, although there are some before and behind them. At the beginning of a log none is
    /// missing: the oldest files may have been deleted on purpose.
    package struct Missing: Hashable, Sendable, CustomStringConvertible {
        package let numbers: ClosedRange<Int>
        fileprivate let first: String
        fileprivate let last: String

        /// May hold text from the path; make it visible before it reaches a terminal.
        package var description: String {
            numbers.count == 1 ? "\(first) is missing" : "\(numbers.count) files from \(first) to \(last) are missing"
        }
    }

    /// The greatest number of a segment: beyond it, a name is not one of the log's. So the number after it can be counted.
    package static let greatestNumber = 999_999_999

    /// Where the file stands that is appended to.
    package let activePath: String
    private let directory: String
    private let stem: String
    private let fileExtension: String

    package init(activePath: String) {
        self.activePath = activePath
        directory = activePath.parentDirectory
        let name = activePath.lastPathComponent
        if let dot = name.lastIndex(of: "."), dot != name.startIndex {
            stem = String(name[..<dot])
            fileExtension = String(name[dot...])
        } else {
            stem = name
            fileExtension = ""
        }
    }

    /// Where the ended segment with this number stands.
    package func path(ofEnded number: Int) -> String {
        let digits = String(number)
        let padding = String(repeating: "0", count: max(0, 6 - digits.count))
        let name = "\(stem).\(padding)\(digits)\(fileExtension)"
        return directory == "." && !activePath.hasPrefix("./") ? name : directory.appendingPathComponent(name)
    }

    /// The segments that have ended, in their order. None if there is no such directory.
    package func ended(in fileSystem: any FileSystem) throws(SystemError) -> [Ended] {
        let names: [String]
        do throws(SystemError) {
            names = try fileSystem.names(in: directory)
        } catch {
            if error.isNoSuchFile { return [] }
            throw error
        }
        return names.compactMap(number)
            .sorted()
            .map { Ended(number: $0, path: path(ofEnded: $0)) }
    }

    /// Where the ended segment of this name stands, if it is the name of an ended segment of this log.
    package func path(ofEndedNamed name: String) -> String? {
        number(in: name).map(path(ofEnded:))
    }

    /// What is missing between two ended segments that are beside each other.
    package func missing(between first: Int, and second: Int) -> Missing? {
        guard second - first > 1 else { return nil }
        let numbers = first + 1...second - 1
        return Missing(numbers: numbers, first: path(ofEnded: first + 1), last: path(ofEnded: second - 1))
    }

    /// The number that a name tells, if it is the name of an ended segment of this log.
    private func number(in name: String) -> Int? {
        guard name.hasPrefix(stem + "."), name.hasSuffix(fileExtension) else { return nil }
        let digits = name.dropFirst(stem.count + 1).dropLast(fileExtension.count)
        guard digits.count >= 6, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        guard let number = Int(digits), (1...Self.greatestNumber).contains(number) else { return nil }
        return digits.count == 6 || digits.first != "0" ? number : nil
    }
}
