// Files that belong to somebody else: read with their mode, replaced in one step.
//
// A new version is written beside the file and renamed over it, so that whoever reads it meanwhile, and whoever is
// killed meanwhile, leaves a whole one. A symbolic link stays: what it leads to is replaced. Dotfiles are often links. A
// hard link would not stay, so a file with several names isn't replaced. Mode, owner and group are kept; extended
// attributes and access lists are not.

import NeuraphageEvents

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// What a regular file holds, and who may use it.
package struct FileContents: Hashable, Sendable {
    package var bytes: [UInt8]
    package var permissions: UInt32
}

enum FileOnDisk {
    /// Larger files are nobody's settings.
    private static let largest = 16 << 20

    /// The place that a path leads to in the end, whether something stands there or not.
    ///
    /// - Throws: ``SetupError`` if it is a link that leads nowhere.
    static func target(of path: String) throws(SetupError) -> String {
        if let resolved = RealPath.resolve(path) { return resolved }
        guard !exists(path) else { throw leadsNowhere(path) }
        // The nearest directory that exists, and the rest as it was said.
        let directory = path.parentDirectory
        guard directory != path, directory != "." else { return path }
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        let parent = try target(of: directory)
        return (parent == "/" ? "" : parent) + "/" + name
    }

    static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Whether anything stands at a path, a link that leads nowhere included.
    static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    private static func leadsNowhere(_ path: String) -> SetupError {
        SetupError("\(path) is a symbolic link that leads nowhere; correct it or remove it")
    }

    /// The file at a path; `nil` if nothing is there, not even a link that leads nowhere.
    static func read(_ path: String) throws(SetupError) -> FileContents? {
        let fileSystem = RealFileSystem()
        do throws(SystemError) {
            let descriptor = try repeatingInterrupted { () throws(SystemError) in
                try fileSystem.open(path, flags: O_RDONLY | O_CLOEXEC | O_NONBLOCK, permissions: 0)
            }
            defer { fileSystem.close(descriptor) }
            var status = stat()
            guard fstat(descriptor, &status) == 0 else { throw SystemError(code: errno) }
            guard status.st_mode & S_IFMT == S_IFREG else { throw SystemError(code: EISDIR) }
            guard status.st_size <= largest else { throw SystemError(code: EFBIG) }
            return FileContents(
                bytes: try read(descriptor, fileSystem),
                permissions: UInt32(status.st_mode) & 0o7777
            )
        } catch {
            if error.isNoSuchFile {
                guard !exists(path) else { throw leadsNowhere(path) }
                return nil
            }
            throw SetupError("cannot read \(path): \(error.code == EISDIR ? "it is no regular file" : "\(error)")")
        }
    }

    private static func read(_ descriptor: Int32, _ fileSystem: RealFileSystem) throws(SystemError) -> [UInt8] {
        var bytes: [UInt8] = []
        let size = 1 << 16
        while true {
            let offset = Int64(bytes.count)
            var chunk = [UInt8](repeating: 0, count: size)
            let count = chunk.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, size, off_t(offset)) }
            guard count >= 0 else {
                if errno == EINTR { continue }
                throw SystemError(code: errno)
            }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
        }
    }

    /// The directories above a path that don't exist, the innermost first.
    static func missingDirectories(above path: String) -> [String] {
        var missing: [String] = []
        var directory = path.parentDirectory
        while !directory.isEmpty, directory != "/", directory != ".", !exists(directory) {
            missing.append(directory)
            directory = directory.parentDirectory
        }
        return missing
    }

    /// Where a new version of a file is written.
    private static func draft(of path: String) -> String {
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        return path.parentDirectory + "/." + name + ".np-new"
    }

    /// Removes what a process that was killed has left of a new version.
    static func removeDraft(of path: String) {
        unlink(draft(of: path))
    }

    /// Puts a file into its place in one step: a new one, or instead of the one that is there, whose owner it keeps.
    static func replace(_ path: String, with contents: FileContents) throws(SetupError) {
        let draft = draft(of: path)
        do throws(SystemError) {
            try RealFileSystem().makeDirectories(path.parentDirectory)
            unlink(draft)
            try writeDraft(contents, to: draft, ownedLike: path)
            guard rename(draft, path) == 0 else { throw SystemError(code: errno) }
        } catch {
            unlink(draft)
            throw SetupError("cannot write \(path): \(error)")
        }
    }

    private static func writeDraft(
        _ contents: FileContents,
        to draft: String,
        ownedLike path: String
    ) throws(SystemError) {
        let fileSystem = RealFileSystem()
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
        let descriptor = try fileSystem.open(draft, flags: flags, permissions: 0o600)
        defer { fileSystem.close(descriptor) }
        var rest = contents.bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            guard count >= 0 else {
                if errno == EINTR { continue }
                throw SystemError(code: errno)
            }
            rest = rest.dropFirst(count)
        }
        var status = stat()
        if stat(path, &status) == 0, status.st_uid != geteuid() || status.st_gid != getegid() {
            guard fchown(descriptor, status.st_uid, status.st_gid) == 0 else { throw SystemError(code: errno) }
        }
        try fileSystem.setPermissions(contents.permissions, of: descriptor)
        try fileSystem.synchronize(descriptor)
    }

    static func remove(_ path: String) throws(SetupError) {
        guard unlink(path) == 0 || errno == ENOENT || errno == ENOTDIR else {
            throw SetupError("cannot remove \(path): \(SystemError(code: errno))")
        }
    }

    /// Makes sure that replacing a file leaves no other name of it with the old version.
    static func checkHasOneName(_ path: String) throws(SetupError) {
        var status = stat()
        guard stat(path, &status) == 0, status.st_nlink > 1 else { return }
        throw SetupError(
            "\(path) is left as it is: the file has another name, a hard link, that would keep the old version; "
                + "make a symbolic link of one of them and try again"
        )
    }

    /// Makes sure that a file is still what it was when its change was planned.
    static func check(_ change: FileChange) throws(SetupError) {
        guard try read(change.path) == change.before else {
            throw SetupError("\(change.path) was changed by somebody else just now; try again")
        }
    }

    /// Gives a file another name that nothing has.
    static func move(_ path: String, to newPath: String) throws(SetupError) {
        do throws(SystemError) {
            try RealFileSystem().rename(path, withoutReplacing: newPath)
        } catch {
            throw SetupError("cannot rename \(path) to \(newPath): \(error)")
        }
    }

    /// Removes those of the directories that are empty, in this order.
    static func removeEmpty(_ directories: [String]) {
        for directory in directories { rmdir(directory) }
    }
}
