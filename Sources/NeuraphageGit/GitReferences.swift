// Where references point, as git says in one answer, however they are stored.

/// Some references of a repository.
package struct GitReferences: Sendable {
    private struct Entry {
        let commit: String
        /// What a symbolic reference stands for.
        let target: String
        /// What a branch follows.
        let upstream: String
    }

    static let format = "--format=%(refname)%00%(objectname)%00%(symref)%00%(upstream)"

    private var entries: [String: Entry] = [:]

    /// Reads what `git for-each-ref` printed in this format.
    init(_ output: String) {
        for line in output.utf8.split(separator: UInt8(ascii: "\n")) {
            let parts = line.split(separator: 0, omittingEmptySubsequences: false).map { String(Substring($0)) }
            guard parts.count == 4 else { continue }
            entries[parts[0]] = Entry(commit: parts[1], target: parts[2], upstream: parts[3])
        }
    }

    var names: some Sequence<String> { entries.keys }

    /// The object that a reference points to, by its full name; `nil` if there is none.
    package subscript(name: String) -> String? { entries[name]?.commit }

    /// The reference that a symbolic one stands for.
    func target(of name: String) -> String? {
        entries[name].flatMap { $0.target.isEmpty ? nil : $0.target }
    }

    /// The remote's branch, as it was last fetched, that a branch follows.
    func upstream(of name: String) -> String? {
        entries[name].flatMap { $0.upstream.hasPrefix("refs/remotes/") ? $0.upstream : nil }
    }

    package mutating func merge(_ others: GitReferences) {
        entries.merge(others.entries) { $1 }
    }
}
