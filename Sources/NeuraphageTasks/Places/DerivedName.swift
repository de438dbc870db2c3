// The name of a task as it follows from the name of a directory. Pure: what cannot be shown or typed is replaced.

import NeuraphageEvents

/// A name that can be a task's, made from one that need not.
struct DerivedName {
    private static let longest = 56

    let text: String
    /// Whether it differs from the name that it was made of.
    let isChanged: Bool

    init(_ title: String) {
        var text = ""
        for scalar in title.unicodeScalars {
            // U+FFFD stands for bytes that are not UTF-8.
            let isPlain = scalar.isPrintable && scalar != "\u{FFFD}" && scalar != "/"
            let next = isPlain ? String(scalar) : "-"
            guard text.utf8.count + next.utf8.count <= Self.longest else { break }
            text += next
        }
        // A word that begins with a dash would be taken for an option.
        text = String(text.drop { $0 == "-" || $0.isWhitespace })
        self.text = text.isEmpty || text == "." ? "worktree" : text
        isChanged = self.text != title
    }

    /// The names to try, in the order of their numbers, from 0: the plain one, then `REPOSITORY/NAME`, then
    /// `REPOSITORY/NAME-2` and so on.
    ///
    /// - Parameter repository: `nil` if the name is the repository's itself; then it is `NAME-2` and so on.
    func candidate(_ number: Int, in repository: String?) -> TaskID {
        if number == 0 { return TaskID(asWritten: text) }
        guard let repository else { return TaskID(asWritten: "\(text)-\(number + 1)") }
        return TaskID(asWritten: "\(repository)/\(text)" + (number == 1 ? "" : "-\(number)"))
    }
}
