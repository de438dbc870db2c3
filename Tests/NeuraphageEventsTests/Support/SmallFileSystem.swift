import Foundation
import TestSupport

/// A mounted file system of a few megabytes, which can be filled.
final class SmallFileSystem: Sendable {
    enum Kind: String, Sendable, CaseIterable {
        case tmpfs, ext4
    }

    private let directory: TemporaryDirectory
    /// Where it is mounted.
    let path: String

    /// `nil` if this may not be done here.
    init?(_ kind: Kind) throws {
        directory = try TemporaryDirectory()
        path = directory["mounted"]
        try directory.makeDirectory("mounted")
        switch kind {
        case .tmpfs:
            guard Self.run("mount", "-t", "tmpfs", "-o", "size=64m", "none", path) else { return nil }
        case .ext4:
            let image = directory["image"]
            guard Self.run("truncate", "-s", "64M", image), Self.run("mkfs.ext4", "-q", image),
                Self.run("mount", "-o", "loop", image, path)
            else { return nil }
        }
    }

    deinit {
        _ = Self.run("umount", path)
    }

    /// Fills it to the last byte.
    func fill() throws {
        let descriptor = open(path + "/filler", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw TemporaryDirectory.Failure(call: "open") }
        defer { close(descriptor) }
        for size in [1 << 16, 1] {
            let block = [UInt8](repeating: 0x78, count: size)
            while write(descriptor, block, size) == size {}
        }
    }

    /// Makes room again.
    func free() {
        unlink(path + "/filler")
    }

    private static func run(_ words: String...) -> Bool {
        (try? Child(words[0], Array(words.dropFirst())).waitForEnd()) == .exited(0)
    }
}
