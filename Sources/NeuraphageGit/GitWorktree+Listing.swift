// The linked worktrees of a repository, listed without a git process.

package import NeuraphageEvents
import NeuraphagePlatform
package import NeuraphagePresentation
import NeuraphageSystem

extension GitWorktree {
    /// The worktrees that git has linked to a repository, by their names, wherever their directories are.
    ///
    /// - Parameter commonDirectory: What all worktrees of the repository share.
    /// - Throws: ``OperationError`` if they cannot be read. What cannot be read has not gone.
    package static func linked(
        to commonDirectory: String,
        in files: any FileSystem
    ) throws(OperationError) -> [GitWorktree] {
        let entries = commonDirectory + "/worktrees"
        var worktrees: [GitWorktree] = []
        do throws(SystemError) {
            for name in try files.names(in: entries).sorted() {
                let gitDirectory = "\(entries)/\(name)"
                guard let file = try link(in: gitDirectory, files) else { continue }
                // git worktree add --relative-paths
                let directory = file.absolute(in: gitDirectory).parentDirectory
                worktrees.append(
                    GitWorktree(
                        name: name,
                        directory: (try? files.resolve(directory)) ?? directory,
                        gitDirectory: gitDirectory,
                        in: files
                    )
                )
            }
        } catch {
            guard error.code == ENOENT || error.code == ENOTDIR else { throw .cannot("read", entries, error) }
        }
        return worktrees
    }

    /// Whether git knows a linked worktree whose directory is not there: it was removed by hand, or moved, or is on a disk that is
    /// not mounted. One that is locked is there, because git has been told that its disk comes and goes, and so is one that
    /// cannot be looked at.
    package var isAway: Bool {
        let link = directory + "/.git"
        if isGone(link) { return isGone(gitDirectory + "/locked") }
        // It may be a worktree of another repository by now: of the one that this was copied from, or of one made there. A
        // repository that is mounted elsewhere as well is the same one.
        guard let target = Self.target(ofGitFile: link, in: files)?.absolute(in: directory),
            let there = identity(of: target), let here = identity(of: gitDirectory)
        else { return false }
        return there != here
    }

    private func identity(of directory: String) -> FileStatus.Identity? {
        (try? files.status(at: directory, followingLinks: true))?.identity
    }

    private func isGone(_ path: String) -> Bool {
        do throws(SystemError) {
            return try !files.status(at: path, followingLinks: true).isRegularFile
        } catch {
            return error.code == ENOENT || error.code == ENOTDIR
        }
    }

    /// The command of git's that has begun here and not ended, and when it began, as far as its files say.
    package var begunCommand: (name: String, since: Timestamp?)? {
        func time(_ path: String) -> Timestamp? {
            (try? files.modificationTime(at: "\(gitDirectory)/\(path)")).map { Timestamp($0) }
        }
        if rebase != nil { return ("rebase", time("rebase-merge/onto") ?? time("rebase-apply/onto")) }
        if files.isRegularFile(gitDirectory + "/MERGE_HEAD") { return ("merge", time("MERGE_HEAD")) }
        return nil
    }

    /// What an entry's file `gitdir` says; `nil` if there is none. git writes a path as it is, so it may hold line breaks.
    private static func link(in gitDirectory: String, _ files: any FileSystem) throws(SystemError) -> String? {
        do throws(SystemError) {
            let text = try files.contents(of: gitDirectory + "/gitdir", atMost: 8_192)
            let link = text.hasSuffix("\n") ? String(text.dropLast()) : text
            return link.isEmpty ? nil : link
        } catch {
            if error.code == ENOENT || error.code == ENOTDIR { return nil }
            throw error
        }
    }
}
