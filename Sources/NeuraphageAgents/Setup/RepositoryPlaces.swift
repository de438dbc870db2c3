// Where a repository keeps its hooks, as git itself says: core.hooksPath may name any directory, also one in each
// worktree.

package import NeuraphageEvents
package import NeuraphageGit
package import NeuraphagePresentation
package import NeuraphageSystem

/// The places in a repository that concern whoever sets it up.
package struct RepositoryPlaces: Sendable {
    /// The main worktree, or the bare repository: the path by which people know it.
    package let path: String
    /// Every directory in which git looks for hooks, with the worktree that it lies in, if it lies in one.
    let hookDirectories: [(directory: String, worktree: String?)]
    /// The file of what git is to overlook in all worktrees.
    let excludeFile: String
    /// What all worktrees share, without symbolic links in its path.
    let commonDirectory: String

    /// The repository's identity; `nil` if nobody needed one yet.
    package func id(in directory: DataDirectory) -> RepositoryID? {
        RepositoryID(of: commonDirectory, making: false, in: directory.files)
    }

    /// The repository that a directory lies in.
    ///
    /// - Throws: ``OperationError`` if there is none, or git cannot be run.
    package init(containing directory: String, in fileSystem: any FileSystem) async throws(OperationError) {
        let files = UserFiles(files: fileSystem)
        try Self.checkIsText(directory, files)
        guard files.isDirectory(directory) else {
            throw OperationError(
                .setup,
                files.exists(directory) ? "\(directory) is not a directory" : "there is no directory \(directory)"
            )
        }
        if let gitDirectory = await Self.ask("--absolute-git-dir", in: directory) {
            try Self.checkIsText(gitDirectory, files)
        }
        let (repository, main) = try await Self.find(from: directory, fileSystem)
        guard !main.utf8.contains(UInt8(ascii: "\n")) else {
            throw OperationError(
                .setup,
                "the path of the repository holds a line break",
                hint: "move it to another place"
            )
        }
        path = main
        let common = Self.resolved(repository.commonDirectory, fileSystem)
        commonDirectory = common
        excludeFile = common + "/info/exclude"

        let linked = repository.worktrees.filter { !$0.name.isEmpty }.map { Self.resolved($0.directory, fileSystem) }
        var found: [(directory: String, worktree: String?)] = []
        for place in [main] + linked {
            guard let answer = await Self.ask("--git-path", "hooks", in: place) else { continue }
            try Self.checkIsText(answer, files)
            let directory = try files.target(of: answer.absolute(in: place))
            guard !found.contains(where: { $0.directory == directory }) else { continue }
            let isInside = (directory + "/").hasPrefix(place + "/") && !(directory + "/").hasPrefix(common + "/")
            found.append((directory, isInside ? place : nil))
        }
        hookDirectories = found
    }

    /// The repository that a directory lies in, and its main worktree, or itself if it is bare.
    private static func find(
        from directory: String,
        _ files: any FileSystem
    ) async throws(OperationError) -> (GitRepository, main: String) {
        do throws(OperationError) {
            let answer = try await Git(directory: directory).run(["rev-parse", "--path-format=absolute", "--git-dir"])
            guard answer.succeeded else {
                throw OperationError(.git, "\(directory) lies in no repository that git can use: \(answer.complaint)")
            }
            let repository = try await GitRepository(containing: directory, in: files)
            // Of a submodule, git worktree list names the repository, not the worktree.
            let isLinked = resolved(answer.text, files) != resolved(repository.commonDirectory, files)
            let top = isLinked ? nil : await ask("--show-toplevel", in: directory)
            return (repository, resolved(top ?? repository.path, files))
        } catch {
            throw OperationError(.setup, error.sentence, hint: error.hint)
        }
    }

    /// What `git rev-parse` says; `nil` if it says nothing.
    private static func ask(_ arguments: String..., in directory: String) async -> String? {
        guard let answer = try? await Git(directory: directory).run(["rev-parse"] + arguments),
            answer.succeeded, !answer.text.isEmpty
        else { return nil }
        return answer.text
    }

    /// The path without symbolic links, so that two paths of one place are equal.
    private static func resolved(_ path: String, _ files: any FileSystem) -> String {
        (try? files.resolve(path)) ?? path
    }

    /// - Throws: ``OperationError`` for a path that isn't UTF-8. What isn't was replaced when it was read, and leads nowhere.
    private static func checkIsText(_ path: String, _ files: UserFiles) throws(OperationError) {
        guard !path.unicodeScalars.contains("\u{fffd}") || files.exists(path) else {
            throw OperationError(
                .setup,
                "the path \(path) is not UTF-8, and np knows only paths that are",
                hint: "rename what isn't"
            )
        }
    }

    /// Whether a file in a worktree belongs to the repository, so that changing it would change `git status`.
    static func isTracked(_ path: String, in worktree: String) async -> Bool {
        await succeeds(["ls-files", "--error-unmatch", "--", path], in: worktree)
    }

    /// Whether `git status` would not show a new file in a worktree.
    static func isIgnored(_ path: String, in worktree: String) async -> Bool {
        await succeeds(["check-ignore", "-q", "--", path], in: worktree)
    }

    private static func succeeds(_ arguments: [String], in worktree: String) async -> Bool {
        let answer = try? await Git(directory: worktree).run(arguments)
        return answer?.succeeded ?? false
    }
}
