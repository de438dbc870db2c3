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
