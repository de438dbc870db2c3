// Which repository it is, wherever it lies and whatever it is called: a random id that np keeps in its common directory.
//
// The id counts only together with the number of that directory (its inode), which stays when the repository is renamed,
// moved on its disk, or mounted elsewhere. So a copy is another repository.

package import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageSystem

/// The identity of a repository.
package struct RepositoryID: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package init(asWritten text: String) {
        description = text
    }

    /// The file that holds the id, in the common directory.
    package static func path(in commonDirectory: String) -> String { commonDirectory + "/neuraphage" }

    /// The id of a repository.
    ///
    /// - Parameters:
    ///   - commonDirectory: What all worktrees of the repository share, without symbolic links in its path.
    ///   - known: The id that it had when its file was removed, if that is known.
    ///   - isMade: Whether to make one if it has none yet. Only one process of a data directory at a time may do so.
    /// - Returns: `nil` if the repository isn't there. If it has no id, and none is made, or it cannot be written to, one that
    ///   holds as long as the repository stays where it is.
    package init?(
        of commonDirectory: String,
        knownAs known: RepositoryID? = nil,
        making isMade: Bool,
        in files: any FileSystem
    ) {
        guard let inode = files.identity(at: commonDirectory)?.inode else { return nil }
        let path = Self.path(in: commonDirectory)
        if let stored = Self(storedAt: path, for: inode, in: files) {
            self = stored
            return
        }
        if isMade, files.isRegularFile(commonDirectory + "/HEAD") {
            Self.store(known, at: path, for: inode, in: files)
            if let stored = Self(storedAt: path, for: inode, in: files) {
                self = stored
                return
            }
        }
        self.init(inode, commonDirectory)
    }

    /// The id of a repository that has none and cannot be written to; `nil` if there is no such directory.
    package init?(ofUnwritable commonDirectory: String, in files: any FileSystem) {
        guard let inode = files.identity(at: commonDirectory)?.inode else { return nil }
        self.init(inode, commonDirectory)
    }

    /// An id that holds as long as the repository stays where it is.
    init(_ inode: UInt64, _ commonDirectory: String) {
        self.init(asWritten: "here-" + StableHash.name(of: "\(inode) \(commonDirectory)"))
    }

    /// Makes an id. Of several processes that do so at once, one does; that of another directory is replaced.
    private static func store(
        _ known: RepositoryID?,
        at path: String,
        for inode: UInt64,
        in files: any FileSystem
    ) {
        let note = Note(id: known?.description ?? EventIDGenerator.shared.mint().id.description, inode: inode)
        let draft = "\(path).\(note.id)"
        do throws(SystemError) {
            try files.write(Array("\(note.line)\n".utf8), to: draft)
            if files.exists(path) {
                try files.rename(draft, replacing: path)
            } else {
                try files.rename(draft, withoutReplacing: path)
            }
        } catch {
            try? files.remove(draft)
        }
    }

    private init?(storedAt path: String, for inode: UInt64, in files: any FileSystem) {
        guard let note = files.firstLine(of: path).flatMap(Note.init), note.holds(for: inode) else { return nil }
        self.init(asWritten: note.id)
    }

    /// What the file says: the id, and of which directory.
    struct Note: Equatable {
        let id: String
        let inode: UInt64

        init(id: String, inode: UInt64) {
            self.id = id
            self.inode = inode
        }

        /// Reads a note; `nil` for what is none.
        init?(_ line: String) {
            guard let note = try? Payload(json: line), let inode = note["inode"].flatMap({ UInt64($0.text) }),
                let id = note["id"]?.text, !id.isEmpty
            else { return nil }
            self.init(id: id, inode: inode)
        }

        /// The note as it is in the file.
        var line: String {
            let note: Payload = ["format": 1, "id": .string(id), "inode": .string(String(inode))]
            return note.json
        }

        /// Whether it is the note of a directory. A copy has a note, too, which is that of the original.
        func holds(for inode: UInt64) -> Bool { inode == self.inode }
    }
}
