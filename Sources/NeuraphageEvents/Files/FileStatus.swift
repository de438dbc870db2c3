// What is known of a file without its timestamps; see file_status.h for the reason.

package import CNeuraphagePlatform
import NeuraphagePlatform

/// Which file it is, and what it is like.
package struct FileStatus: Hashable {
    /// A file's identity: a path may lead to another file at another time.
    package struct Identity: Hashable {
        package let device: UInt64
        package let inode: UInt64

        package init(device: UInt64, inode: UInt64) {
            self.device = device
            self.inode = inode
        }
    }

    package let identity: Identity
    package let size: Int64
    package let links: UInt64
    package var owner: UInt32
    package let group: UInt32
    private let mode: UInt32

    /// Whether its owner may write to it.
    package var isWritable: Bool { mode & UInt32(S_IWUSR) != 0 }

    package init(_ status: file_status) {
        identity = Identity(device: status.device, inode: status.inode)
        size = status.size
        links = status.links
        owner = status.owner
        group = status.group
        mode = status.mode
    }

    /// Who may do what with it: the lower twelve bits of the mode.
    package var permissions: UInt32 { mode & 0o7777 }

    package var isRegularFile: Bool { mode & UInt32(S_IFMT) == UInt32(S_IFREG) }
    package var isDirectory: Bool { mode & UInt32(S_IFMT) == UInt32(S_IFDIR) }
    package var isSymbolicLink: Bool { mode & UInt32(S_IFMT) == UInt32(S_IFLNK) }
    package var isSocket: Bool { mode & UInt32(S_IFMT) == UInt32(S_IFSOCK) }

    /// What kind of thing it is, in words.
    package var kindDescription: String {
        switch mode & UInt32(S_IFMT) {
        case UInt32(S_IFREG): "a regular file"
        case UInt32(S_IFDIR): "a directory"
        case UInt32(S_IFLNK): "a symbolic link"
        case UInt32(S_IFIFO): "a FIFO"
        case UInt32(S_IFSOCK): "a socket"
        default: "a device"
        }
    }
}
