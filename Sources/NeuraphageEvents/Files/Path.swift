// Paths as text: the parts of one, and one made of two.

extension String {
    /// The path of the directory that holds what this path leads to.
    package var parentDirectory: String {
        let slash = UInt8(ascii: "/")
        guard let last = utf8.lastIndex(where: { $0 != slash }) else { return "/" }
        guard let end = utf8[..<last].lastIndex(of: slash) else { return "." }
        guard let parent = utf8[..<end].lastIndex(where: { $0 != slash }) else { return "/" }
        return String(Substring(utf8[...parent]))
    }

    /// What stands behind the last slash.
    var lastPathComponent: String {
        String(Substring(utf8[(utf8.lastIndex(of: UInt8(ascii: "/")).map(utf8.index(after:)) ?? startIndex)...]))
    }

    /// The path of what has this name in the directory that this path leads to.
    package func appendingPathComponent(_ name: String) -> String {
        hasSuffix("/") ? self + name : self + "/" + name
    }

    /// The path, which is relative to `directory` unless it is absolute.
    package func absolute(in directory: String) -> String {
        hasPrefix("/") ? self : directory.appendingPathComponent(self)
    }
}
