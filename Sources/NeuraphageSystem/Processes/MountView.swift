// Where a path leads depends on what is mounted: in a container the same path is mostly another directory.

package import NeuraphageEvents

/// What is mounted where, as the processes of one mount namespace see it.
package enum MountView {
    /// The one that this process sees, in words that are others in another namespace or on another machine; `nil` where the
    /// system doesn't say.
    package static func here(_ files: any FileSystem) -> String? {
        #if os(Linux)
        guard let namespace = try? files.status(at: "/proc/self/ns/mnt", followingLinks: true).identity.inode else {
            return nil
        }
        return "\(ProcessNumbering.here(files).machine) \(namespace)"
        #else
        return "host"
        #endif
    }
}
