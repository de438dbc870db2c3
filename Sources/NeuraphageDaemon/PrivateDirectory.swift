// Whoever can write to the directory of a socket can replace the socket, and whoever can search it can connect. So the
// daemon serves only from a real directory that is its user's own and closed to everybody else.

import NeuraphageEvents
import NeuraphagePlatform

enum PrivateDirectory {
    /// Makes the directory, and those above it, with mode 0700 unless it exists, and checks it.
    static func prepare(_ path: String, _ files: any FileSystem) throws(DaemonError) {
        _ = try? files.makeDirectories(path)
        try check(path, files)
    }

    /// Refuses a directory that isn't ours alone.
    static func check(_ path: String, _ files: any FileSystem) throws(DaemonError) {
        // A slash at the end would follow a symbolic link.
        let name = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        let status: FileStatus
        do throws(SystemError) {
            status = try files.status(at: name, followingLinks: false)
        } catch {
            throw DaemonError(.systemFailure, "cannot use the directory \(path): \(error)")
        }
        guard status.isDirectory else {
            let what = status.isSymbolicLink ? "a symbolic link" : "not a directory"
            throw DaemonError(.unsafeDirectory, "\(path) is \(what); name the directory itself")
        }
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
