// What came into main when it moved.

/// How main moved, and what that brought.
package struct MainMove: Hashable, Sendable {
    /// Whether main was moved to something that does not have all that it had.
    package let isForced: Bool
    /// How many commits came in.
    package let count: Int
    /// The first line of the latest one's message, and its author; `nil` if none came in.
    package let subject: String?
    package let author: String?
    /// The files that they change, those of the latest ones first; no more than are named.
    package let files: [String]
    /// How many files they change.
    package let fileCount: Int

    /// How many files an event names.
    package static let mostFiles = 20

    package init(isForced: Bool, count: Int, subject: String?, author: String?, files: [String], fileCount: Int) {
        self.isForced = isForced
        self.count = count
        self.subject = subject
        self.author = author
        self.files = files
        self.fileCount = fileCount
    }
}

/// A file in conflict, and the commits on the other side that changed it.
package struct TouchedFile: Sendable {
    package let path: String
    /// The latest of the commits, newest first.
    package let commits: [(commit: String, subject: String, author: String)]
    /// How many commits there are.
    package let count: Int

    /// How many files and how many commits of each an event names.
    package static let (mostFiles, mostCommits) = (10, 3)

    package init(path: String, commits: [(commit: String, subject: String, author: String)], count: Int) {
        self.path = path
        self.commits = commits
        self.count = count
    }
}
