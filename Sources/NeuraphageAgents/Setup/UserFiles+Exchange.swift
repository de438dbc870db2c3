// One step of changing a file that other programs may write at any moment: the new version takes the old one's place, and
// what comes out tells whether it was the one that the change was planned for. If it was not, another program's version is put
// back, and the change has to be planned anew. So no version that another program has put in its place is ever lost.
//
// The new version is written beside the file, and the two change names in one step. A program that writes into the file without
// replacing it is noticed as long as it writes before the comparison.

import NeuraphageEvents
import NeuraphagePlatform
import NeuraphagePresentation
import NeuraphageSystem

extension UserFiles {
    /// How often versions change places at most until the latest one is in its place.
    private static let mostExchanges = 1_000

    /// Puts the new version of a file in its place, or takes the file away, if it is still what the change was planned for.
    ///
    /// - Parameter isPatient: Whether the new version is on the disk before it is seen. That takes longer than a program that
    ///   writes all the time leaves; without it, the old version stays until the new one is on the disk.
    /// - Returns: Whether it was. If not, another program's version is in its place.
    func put(_ change: FileChange, isPatient: Bool) throws(OperationError) -> Bool {
        let draft = WholeFile.draft(of: change.path)
        do throws(SystemError) {
            try files.makeDirectories(change.path.parentDirectory)
            try? files.remove(draft)
            guard let after = change.after else { return try takeAway(change, to: draft) }
            try WholeFile.write(
                after,
                to: draft,
                .fromPowerCuts,
                synchronizing: isPatient,
                like: change.path,
                in: files
            )
            if let before = change.before {
                guard try exchange(draft, change.path, if: before) else {
                    try? files.remove(draft)
                    return false
                }
            } else {
                try files.rename(draft, withoutReplacing: change.path)
            }
            if !isPatient { try synchronize(change.path) }
            try? files.remove(draft)
            return true
        } catch {
            try? files.remove(draft)
            if change.before == nil, error.code == EEXIST { return false }
            throw OperationError(.setup, "cannot write \(change.path): \(error)")
        }
    }

    /// Gives the draft and the file each other's name. Returns whether the file was `before`; if not, nothing has changed.
    private func exchange(
        _ draft: String,
        _ path: String,
        if before: FileContents
    ) throws(SystemError) -> Bool {
        // Mostly this tells already, and no other program sees a version that goes again.
        guard isStill(before, path) else { return false }
        var last = files.identity(at: draft)
        do throws(SystemError) {
            try files.exchange(draft, path)
        } catch {
            guard error.code == ENOTSUP else { throw error }
            // Without an exchange, a version that another program writes between this comparison and the rename is lost. There
            // is nothing shorter than that.
            guard isStill(before, path) else { return false }
            try files.rename(draft, replacing: path)
            return true
        }
        if isStill(before, draft) { return true }
        // What came out goes back. If something else than what was put in comes out then, it is newer, and goes back itself.
        for _ in 0..<Self.mostExchanges {
            let returned = files.identity(at: draft)
            try files.exchange(draft, path)
            if files.identity(at: draft) == last { return false }
            last = returned
        }
        return false
    }

    /// Takes a file away if it is still what it was. What comes back meets a newer version only if that may replace it.
    private func takeAway(_ change: FileChange, to draft: String) throws(SystemError) -> Bool {
        guard let before = change.before else { return true }
        do throws(SystemError) {
            try files.rename(change.path, withoutReplacing: draft)
        } catch {
            if error.isNoSuchFile { return false }
            throw error
        }
        if isStill(before, draft) {
            try files.remove(draft)
            return true
        }
        do throws(SystemError) {
            try files.rename(draft, withoutReplacing: change.path)
        } catch {
            guard error.code == EEXIST else { throw error }
        }
        return false
    }

    /// Whether a path is a regular file, no link, that holds this and has these permissions.
    private func isStill(_ contents: FileContents, _ path: String) -> Bool {
        guard let status = try? files.status(at: path, followingLinks: false), status.isRegularFile else {
            return false
        }
        return (try? read(path)) == contents
    }

    private func synchronize(_ path: String) throws(SystemError) {
        let descriptor = try files.open(path, flags: O_RDONLY | O_CLOEXEC | O_NOFOLLOW, permissions: 0)
        defer { files.close(descriptor) }
        try files.synchronize(descriptor)
    }
}
