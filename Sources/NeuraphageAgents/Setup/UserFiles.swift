// Files that belong to the user: read with their mode, replaced in one step.
//
// A symbolic link stays: what it leads to is replaced. Dotfiles are often links. A hard link would not stay, so a file with
// several names isn't replaced. Mode, owner and group are kept; extended attributes and access lists are not.

import NeuraphageEvents
import NeuraphagePlatform
import NeuraphagePresentation
import NeuraphageSystem

struct UserFiles: Sendable {
    /// Larger files are not settings.
    private static let largest = 16 << 20

    let files: any FileSystem

    /// The place that a path leads to in the end, whether there is anything or not.
    ///
    /// - Throws: ``OperationError`` if it is a link that leads nowhere.
    func target(of path: String) throws(OperationError) -> String {
        if let resolved = try? files.resolve(path) { return resolved }
        guard !exists(path) else { throw leadsNowhere(path) }
        // The nearest directory that exists, and the rest as it was said.
        let directory = path.parentDirectory
        guard directory != path, directory != "." else { return path }
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        return try target(of: directory).appendingPathComponent(name)
    }

    func isDirectory(_ path: String) -> Bool { files.isDirectory(path) }

    /// Whether there is anything at a path, a link that leads nowhere included.
    func exists(_ path: String) -> Bool { files.exists(path) }

    private func leadsNowhere(_ path: String) -> OperationError {
        OperationError(.setup, "\(path) is a symbolic link that leads nowhere", hint: "correct it or remove it")
    }

    /// The file at a path; `nil` if nothing is there, not even a link that leads nowhere.
    func read(_ path: String) throws(OperationError) -> FileContents? {
        do throws(SystemError) {
            let (bytes, status) = try files.read(path, atMost: Self.largest)
            return FileContents(bytes: bytes, permissions: status.permissions)
        } catch {
            if error.isNoSuchFile {
                guard !exists(path) else { throw leadsNowhere(path) }
                return nil
            }
            if error.code == EISDIR {
                let hint = "move it elsewhere and try again"
                throw OperationError(.setup, "\(path) is a directory, and has to be a file", hint: hint)
            }
            throw OperationError(
                .setup,
                "cannot read \(path): \(error.code == EINVAL ? "it is not a regular file" : "\(error)")"
            )
        }
    }

    /// The directories above a path that don't exist, the innermost first.
    func missingDirectories(above path: String) -> [String] {
        var missing: [String] = []
        var directory = path.parentDirectory
        while !directory.isEmpty, directory != "/", directory != ".", !exists(directory) {
            missing.append(directory)
            directory = directory.parentDirectory
        }
        return missing
    }

    /// Puts a file in its place in one step: a new one, or instead of the one that is there, whose owner it keeps.
    func replace(_ path: String, with contents: FileContents) throws(OperationError) {
        do throws(SystemError) {
            try files.makeDirectories(path.parentDirectory)
            try WholeFile.replace(path, with: contents, .fromPowerCuts, in: files)
        } catch {
            throw OperationError(.setup, "cannot write \(path): \(error)")
        }
    }

    func remove(_ path: String) throws(OperationError) {
        do throws(SystemError) {
            try files.remove(path)
        } catch {
            guard error.isNoSuchFile else { throw OperationError(.setup, "cannot remove \(path): \(error)") }
        }
    }

    /// Makes sure that replacing a file leaves no other name of it with the old version.
    func checkHasOneName(_ path: String) throws(OperationError) {
        guard let status = try? files.status(at: path, followingLinks: true), status.links > 1 else { return }
        throw OperationError(
            .setup,
            "\(path) is left as it is: the file has another name, a hard link, that would keep the old version",
            hint: "make a symbolic link of one of them and try again"
        )
    }

    /// Makes sure that a file is still what it was when its change was planned.
    func check(_ change: FileChange) throws(OperationError) {
        guard try read(change.path) == change.before else {
            throw OperationError(.setup, "\(change.path) was changed by another program just now", hint: "try again")
        }
    }

    /// Gives a file another name that nothing has.
    func move(_ path: String, to newPath: String) throws(OperationError) {
        try rename(path, to: newPath) { () throws(SystemError) in try files.rename(path, withoutReplacing: newPath) }
    }

    /// Gives a file another name, in the place of what has it.
    func move(_ path: String, over newPath: String) throws(OperationError) {
        try rename(path, to: newPath) { () throws(SystemError) in try files.rename(path, replacing: newPath) }
    }

    private func rename(
        _ path: String,
        to newPath: String,
        _ body: () throws(SystemError) -> Void
    ) throws(OperationError) {
        do throws(SystemError) {
            try body()
        } catch {
            throw OperationError(.setup, "cannot rename \(path) to \(newPath): \(error)")
        }
    }

    /// Removes those of the directories that are empty, in this order.
    func removeEmpty(_ directories: [String]) {
        for directory in directories { try? files.removeDirectory(directory) }
    }
}
