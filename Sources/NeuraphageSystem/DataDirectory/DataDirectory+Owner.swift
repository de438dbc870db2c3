// Whose a data directory is. A log that root has made in another user's home locks that user out of it, so root's np leaves such
// a directory alone, before it has made anything there.

import NeuraphageEvents
import NeuraphagePlatform
package import NeuraphagePresentation

extension DataDirectory {
    /// Refuses root if this directory is another user's, or would be made in one that is.
    ///
    /// - Parameter user: The user that this process acts as.
    package func refuseRootOfAnotherUser(actingAs user: UInt32 = geteuid()) throws(OperationError) {
        guard user == 0 else { return }
        var place = path
        while !files.exists(place), place.parentDirectory != place { place = place.parentDirectory }
        guard let owner = try? files.status(at: place, followingLinks: true).owner, owner != 0 else { return }
        throw OperationError(
            .usage,
            "np runs as root, and \(place) belongs to \(Self.name(ofUser: owner)): it would lock that user out of the log",
            hint: "run np as that user, or name a directory of root's with NP_DATA_DIR"
        )
    }

    private static func name(ofUser id: UInt32) -> String {
        guard let entry = getpwuid(uid_t(id)) else { return "user \(id)" }
        return "the user \(String(cString: entry.pointee.pw_name))"
    }
}
