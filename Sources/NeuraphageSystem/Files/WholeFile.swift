// A file that is replaced as a whole: a reader sees what it was or what it is, never a part.
//
// A new version is written beside the file and renamed over it, so a process that is killed meanwhile leaves a whole one.

package import NeuraphageEvents
import NeuraphagePlatform

/// What a regular file holds, and who may use it.
package struct FileContents: Hashable, Sendable {
    package var bytes: [UInt8]
    package var permissions: UInt32

    package init(bytes: [UInt8], permissions: UInt32 = 0o600) {
        self.bytes = bytes
        self.permissions = permissions
    }
}

package enum WholeFile {
    /// How safe a new version of a file must be.
    package enum Safety {
        /// A process that is killed leaves a whole file. A power cut may lose it; for what can be made again.
        case fromKills
        /// The new version is on the disk before it takes the place of the old one, and it belongs to the old one's owner.
        case fromPowerCuts
    }

    /// Puts a file in its place in one step: a new one, or instead of the one that is there. Only one process at a time
    /// may do so.
    package static func replace(
        _ path: String,
        with contents: FileContents,
        _ safety: Safety = .fromKills,
        in files: any FileSystem
    ) throws(SystemError) {
        let draft = draft(of: path)
        do throws(SystemError) {
            try? files.remove(draft)
            try write(contents, to: draft, safety, like: path, in: files)
            try files.rename(draft, replacing: path)
        } catch {
            try? files.remove(draft)
            throw error
        }
    }

    /// The same for text that only its owner may read.
    package static func replace(
        _ path: String,
        with text: String,
        in files: any FileSystem
    ) throws(SystemError) {
        try replace(path, with: FileContents(bytes: Array(text.utf8)), in: files)
    }

    /// Where a new version of a file is written.
    package static func draft(of path: String) -> String {
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        return path.parentDirectory + "/." + name + ".np-new"
    }

    /// Removes what a process that was killed has left of a new version.
    package static func removeDraft(of path: String, in files: any FileSystem) {
        try? files.remove(draft(of: path))
    }

    /// Writes a new version beside the file that it is to replace.
    ///
    /// - Parameter isSynchronized: Whether it is on the disk then, if it has to be safe from power cuts.
    package static func write(
        _ contents: FileContents,
        to draft: String,
        _ safety: Safety,
        synchronizing isSynchronized: Bool = true,
        like path: String,
        in files: any FileSystem
    ) throws(SystemError) {
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
        let descriptor = try files.open(draft, flags: flags, permissions: 0o600)
        defer { files.close(descriptor) }
        try files.writeAll(contents.bytes, to: descriptor)
        if safety == .fromPowerCuts, let old = try? files.status(at: path, followingLinks: true),
            old.owner != geteuid() || old.group != getegid()
        {
            try files.setOwner(old.owner, group: old.group, of: descriptor)
        }
        if contents.permissions != 0o600 || safety == .fromPowerCuts {
            try files.setPermissions(contents.permissions, of: descriptor)
        }
        if safety == .fromPowerCuts, isSynchronized { try files.synchronize(descriptor) }
    }
}

extension FileSystem {
    /// Makes a file that only its owner may use, or replaces or extends what is in it.
    package func write(_ bytes: [UInt8], to path: String, appending: Bool = false) throws(SystemError) {
        let flags = O_WRONLY | O_CREAT | (appending ? O_APPEND : O_TRUNC) | O_CLOEXEC | O_NOFOLLOW
        let descriptor = try open(path, flags: flags, permissions: 0o600)
        defer { close(descriptor) }
        try writeAll(bytes, to: descriptor)
    }
}
