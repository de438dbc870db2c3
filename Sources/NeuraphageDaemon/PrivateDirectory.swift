// Whoever can write to the directory of a socket can replace the socket, and whoever can search it can connect. So the
// daemon serves only from a directory that is its user's own and closed to all others. How a path leads there, by a symbolic
// link perhaps, doesn't matter: a link can at worst lead to another directory of which that is true.

import NeuraphageEvents
import NeuraphagePlatform

enum PrivateDirectory {
    /// Makes the directory, and those above it, with mode 0700 unless it exists, and checks it.
    static func prepare(_ path: String, _ files: any FileSystem) throws(DaemonError) {
        do throws(SystemError) {
            try files.makeDirectories(path)
        } catch {
            throw DaemonError(.systemFailure, "cannot make the directory \(path): \(error)")
        }
        try check(path, files)
    }

    /// Refuses a directory that isn't this user's alone.
    static func check(_ path: String, _ files: any FileSystem) throws(DaemonError) {
        let status: FileStatus
        do throws(SystemError) {
            status = try files.status(at: path, followingLinks: true)
        } catch {
            throw DaemonError(.systemFailure, "cannot use the directory \(path): \(error)")
        }
        guard status.isDirectory else { throw DaemonError(.unsafeDirectory, "\(path) is not a directory") }
        guard status.owner == geteuid() else {
            throw DaemonError(
                .unsafeDirectory,
                "the directory \(path) belongs to user \(status.owner), and the daemon runs as user \(geteuid())"
            )
        }
        guard status.permissions & 0o077 == 0 else {
            throw DaemonError(
                .unsafeDirectory,
                "the directory \(path) is open to other users (mode \(String(status.permissions & 0o777, radix: 8))); "
                    + "close it with: chmod 700 \(path)"
            )
        }
    }
}
