// What a text in TOML says, such as np's configuration or Codex's, as TOML 1.0 has it. Pure: text comes in, values by their keys come out, and whatever the
// text is, the answer is one of these or an error.
//
// Floats, dates, and arrays of tables are read over: no setting has such a value.

/// A value as it stands in a file.
package enum TOMLValue: Equatable {
    case text(String)
    case number(Int)
    case flag(Bool)
    case list([TOMLValue])
    /// Of a type that no setting has.
    case other
}

/// Where a text is not TOML, and why.
package struct TOMLError: Error, Equatable, CustomStringConvertible {
    package let line: Int
    package let column: Int
    package let reason: String

    package var description: String { "line \(line), column \(column): not TOML: \(reason)" }
}

/// The values of a text by their keys, from the outermost table inward.
package struct TOMLText {
    /// How deep lists and inline tables may be inside each other.
    private static let greatestDepth = 32

    package private(set) var values: [[String]: TOMLValue] = [:]
    /// The tables that have a header.
    package private(set) var tables: Set<[String]> = []
    /// All tables, those included that only the keys of others name.
    private var sections: Set<[String]> = []
    /// Tables that were closed where they were opened.
    private var closed: Set<[String]> = []
    private var current: [String] = []
    private var scanner: TOMLScanner

    package init(_ text: String) throws(TOMLError) {
        scanner = TOMLScanner(text)
        while try scanner.skipToNextLineWithText() {
            if scanner.take("[") { try readHeader() } else { try readPair(in: current) }
            try scanner.endLine()
        }
    }

    private mutating func readHeader() throws(TOMLError) {
        let isOfList = scanner.take("[")
        let path = try readKey()
        guard scanner.take("]"), !isOfList || scanner.take("]") else {
            throw scanner.error("the name of a table ends with ]")
        }
        if isOfList {
            if values[path] != .other { try set(path, .other) }
            current = path + ["[]"]
            // Each of them may have the same keys.
            values = values.filter { !$0.key.starts(with: current) }
            return
        }
        try declare(path)
        guard tables.insert(path).inserted else {
            throw scanner.error("the table \(path.joined(separator: ".")) is there twice")
        }
        current = path
    }

    private mutating func readPair(in table: [String], depth: Int = 0) throws(TOMLError) {
        let path = table + (try readKey())
        guard scanner.take("=") else { throw scanner.error("a key is followed by =") }
        scanner.skipSpaces()
        if scanner.take("{") {
            try refuseIfThere(path)
            try declare(path)
            try readInlineTable(path, depth: depth + 1)
            closed.insert(path)
        } else {
            try set(path, try readValue(depth: depth))
        }
    }

    private mutating func set(_ path: [String], _ value: TOMLValue) throws(TOMLError) {
        try declare(path.dropLast())
        try refuseIfThere(path)
        values[path] = value
    }

    private func refuseIfThere(_ path: [String]) throws(TOMLError) {
        guard values[path] == nil, !sections.contains(path) else {
            throw scanner.error("\(path.joined(separator: ".")) is there twice")
        }
    }

    /// Notes that this is a table.
    private mutating func declare(_ path: some Collection<String>) throws(TOMLError) {
        for length in stride(from: 1, through: path.count, by: 1) {
            let section = Array(path.prefix(length))
            if values[section] != nil || closed.contains(section) {
                throw scanner.error("\(section.joined(separator: ".")) has a value already")
            }
            sections.insert(section)
        }
    }

    /// A key with its dots, up to what follows it.
    private mutating func readKey() throws(TOMLError) -> [String] {
        var path: [String] = []
        repeat {
            scanner.skipSpaces()
            path.append(try scanner.readSimpleKey())
            scanner.skipSpaces()
        } while scanner.take(".")
        return path
    }

    private mutating func readInlineTable(_ path: [String], depth: Int) throws(TOMLError) {
        guard depth < Self.greatestDepth else { throw scanner.error("too much is inside each other") }
        scanner.skipSpaces()
        if scanner.take("}") { return }
        repeat { try readPair(in: path, depth: depth); scanner.skipSpaces() } while scanner.take(",")
        guard scanner.take("}") else { throw scanner.error("a table in braces ends with }") }
    }

    private mutating func readValue(depth: Int) throws(TOMLError) -> TOMLValue {
        guard depth < Self.greatestDepth else { throw scanner.error("too much is inside each other") }
        scanner.skipSpaces()
        if let text = try scanner.readString() { return .text(text) }
        if scanner.take("{") {
            // A table in a list: no setting has one, so nothing is kept of it.
            var inner = self
            (inner.values, inner.tables, inner.sections, inner.closed) = ([:], [], [], [])
            try inner.readInlineTable([], depth: depth + 1)
            scanner = inner.scanner
            return .other
        }
        guard scanner.take("[") else { return try scanner.readWord() }
        var items: [TOMLValue] = []
        try scanner.skipBlank()
        while !scanner.take("]") {
            items.append(try readValue(depth: depth + 1))
            try scanner.skipBlank()
            if scanner.take(",") {
                try scanner.skipBlank()
            } else if !scanner.isAt("]") {
                throw scanner.error("the values of a list have commas between them, and ] at the end")
            }
        }
        return .list(items)
    }
}
