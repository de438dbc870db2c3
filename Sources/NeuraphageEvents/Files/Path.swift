// Paths as text: the parts of one, and one made of two.

extension String {
    /// The path of the directory that holds what this path leads to.
    package var parentDirectory: String {
        let trimmed = reversed().drop(while: { $0 == "/" })
        guard let slash = trimmed.firstIndex(of: "/") else { return trimmed.isEmpty ? "/" : "." }
        let parent = String(trimmed[slash...].drop(while: { $0 == "/" }).reversed())
        return parent.isEmpty ? "/" : parent
    }

    /// What stands behind the last slash.
    var lastPathComponent: String {
        String(self[(lastIndex(of: "/").map(index(after:)) ?? startIndex)...])
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
