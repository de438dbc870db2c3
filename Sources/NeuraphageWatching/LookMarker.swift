// That a process sees what happens in a repository from now on, for git hooks: a shell can read a file and /proc without
// starting anything, and cannot ask the kernel who holds a lock.
//
// The file names the process and when it began. What a killed process leaves names no process that runs, so it need not be
// removed. Where it cannot be written, or the system has no /proc, hooks start np, which asks the kernel.

import NeuraphageEvents
import NeuraphageGit
import NeuraphageSystem

/// A file that names the process which watches a repository, or is about to look at it.
struct LookMarker: Sendable {
    enum Kind: String {
        case watching
        /// It looks later than the file is removed.
        case looking
    }

    private let path: String
    private let files: any FileSystem

    init(_ kind: Kind, of repository: RepositoryID, in directory: DataDirectory) {
        path = directory.lookMarker(repository.description, kind.rawValue)
        files = directory.files
    }

    /// Names this process.
    func put() {
        let process = ProcessIdentity.current(in: files)
        guard process.start != 0 else { return }
        _ = try? files.makeDirectories(path.parentDirectory)
        try? WholeFile.replace(path, with: "\(process.id) \(process.start)\n", in: files)
    }

    func remove() { try? files.remove(path) }
}
