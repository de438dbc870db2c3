// Whoever can write to the directory of a socket can replace the socket, and whoever can search it can connect. So the
// daemon serves only from a real directory that is its user's own and closed to everybody else.

import NeuraphageEvents

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

enum PrivateDirectory {
    /// Makes the directory, and those above it, with mode 0700 unless it exists, and checks it.
    static func prepare(_ path: String) throws(DaemonError) {
        _ = try? RealFileSystem().makeDirectories(path)
        try check(path)
    }

    /// Refuses a directory that isn't ours alone.
    static func check(_ path: String) throws(DaemonError) {
        var status = stat()
        // A slash at the end would follow a symbolic link.
        let name = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        guard lstat(name, &status) == 0 else {
            throw DaemonError(.systemFailure, "cannot use the directory \(path): \(SystemError(code: errno))")
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            let what = status.st_mode & S_IFMT == S_IFLNK ? "a symbolic link" : "not a directory"
            throw DaemonError(.unsafeDirectory, "\(path) is \(what); name the directory itself")
        }
        guard status.st_uid == geteuid() else {
            throw DaemonError(
                .unsafeDirectory,
                "the directory \(path) belongs to user \(status.st_uid), and the daemon runs as user \(geteuid())"
            )
        }
        guard status.st_mode & 0o077 == 0 else {
            throw DaemonError(
                .unsafeDirectory,
                "the directory \(path) is open to other users (mode \(String(status.st_mode & 0o777, radix: 8))); "
                    + "close it with: chmod 700 \(path)"
            )
        }
    }
}
