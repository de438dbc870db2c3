// What is going to be changed, before anything is: to be shown, and to be done exactly so.

package import NeuraphageSystem

/// One file that is going to be changed.
package struct FileChange: Sendable {
    package let part: SetupPart
    /// The file itself, not a link to it.
    package let path: String
    /// What it is now; `nil` if there is none.
    package let before: FileContents?
    /// What it is going to be; `nil` if it goes.
    package let after: FileContents?
    /// Where the file that is there now is put aside, instead of being replaced.
    package var aside: String?
    /// From where a file that was put aside comes back.
    package var back: String?
}

/// Something that is left as it is.
package struct SetupRefusal: Sendable {
    package let part: SetupPart
    /// Why, and what a person can do instead.
    package let reason: String
    /// What a person would have to add to a file by hand, in lines, if that is possible.
    package var byHand: [String] = []
}

/// What is going to be done for a repository.
package struct SetupPlan: Sendable {
    /// The main worktree, or the bare repository.
    package let repository: String
    /// The files that are going to be changed, in this order.
    package var changes: [FileChange] = []
    /// What cannot be done.
    package var refusals: [SetupRefusal] = []
    /// What a person should know besides.
    package var notes: [String] = []
    /// Whether the list of watched repositories is going to be changed.
    package var changesWatchList = false
    /// Whether this is about the last repository, so that what belongs to the person goes, too.
    package var isLast = false
    /// The file that holds the repository's id, if the repository is there.
    var identity: String?
    /// Records of files, each written before its file is touched.
    var records: [SetupRecord] = []

    /// Whether there is nothing to do.
    package var isEmpty: Bool { changes.isEmpty && !changesWatchList }
}
