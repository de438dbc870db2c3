// A checked-out working tree, read from the files that git keeps for it.

import NeuraphageEvents

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The working tree that a directory lies in.
struct GitCheckout {
    /// The top directory of the working tree.
    let directory: String
    /// Where git keeps what belongs to this working tree alone: `.git`, or `.git/worktrees/NAME` for a linked one.
    let gitDirectory: String

    /// The nearest working tree at or above `path`, which is absolute; `nil` if there is none or it is broken.
    init?(containing path: String) {
        var directory = path
        while true {
            let entry = Self.join(directory, ".git")
            if Self.isRegularFile(Self.join(entry, "HEAD")) {
                self.init(directory: directory, gitDirectory: entry)
                return
            }
            if Self.isRegularFile(entry) {
                guard let target = Self.target(ofGitFile: entry) else { return nil }
                self.init(directory: directory, gitDirectory: Self.join(directory, target))
                return
            }
            guard directory != "/", let slash = directory.lastIndex(of: "/") else { return nil }
            directory = slash == directory.startIndex ? "/" : String(directory[..<slash])
        }
    }

    init(directory: String, gitDirectory: String) {
        self.directory = directory
        self.gitDirectory = gitDirectory
    }

    /// Whether this was made by `git worktree add`. A submodule's `.git` is a file too, but it has no `commondir`.
    var isLinked: Bool {
        Self.isRegularFile(Self.join(gitDirectory, "commondir"))
    }

    /// Where git keeps what all working trees of the repository share, without symbolic links in its path; `nil` if it
    /// isn't there.
    var commonDirectory: String? {
        let common = Self.firstLine(of: Self.join(gitDirectory, "commondir")).map { Self.join(gitDirectory, $0) }
        return RealPath.resolve(common ?? gitDirectory)
    }

    /// The name by which git knows a linked working tree, that of its directory in `worktrees`; empty for a main one.
    var name: String {
        isLinked ? gitDirectory.split(separator: "/").last.map(String.init) ?? "" : ""
    }

    /// The branch that is checked out, or that is being rebased, when no branch is checked out.
    var branch: String? {
        guard let head = Self.firstLine(of: Self.join(gitDirectory, "HEAD")) else { return nil }
        let reference =
            head.hasPrefix("ref:")
            ? String(head.dropFirst(4).drop(while: { $0 == " " }))
            : Self.firstLine(of: Self.join(gitDirectory, "rebase-merge/head-name"))
                ?? Self.firstLine(of: Self.join(gitDirectory, "rebase-apply/head-name"))
        guard let reference, reference.hasPrefix("refs/heads/") else { return nil }
        return String(reference.dropFirst("refs/heads/".count))
    }

    private static func target(ofGitFile path: String) -> String? {
        guard let line = firstLine(of: path), line.hasPrefix("gitdir:") else { return nil }
        let target = line.dropFirst("gitdir:".count).drop(while: { $0 == " " })
        return target.isEmpty ? nil : String(target)
    }

    // MARK: - Files

    /// `path` as seen from `directory`.
    private static func join(_ directory: String, _ path: String) -> String {
        if path.hasPrefix("/") { return path }
        return directory.hasSuffix("/") ? directory + path : directory + "/" + path
    }

    static func isRegularFile(_ path: String) -> Bool {
        (try? RealFileSystem().status(at: path, followingLinks: true))?.isRegularFile ?? false
    }

    /// The first line of a small file that is text; `nil` for anything else.
    static func firstLine(of path: String) -> String? {
        let fileSystem = RealFileSystem()
        guard isRegularFile(path),
            let descriptor = try? fileSystem.open(path, flags: O_RDONLY | O_CLOEXEC | O_NONBLOCK, permissions: 0)
        else { return nil }
        defer { fileSystem.close(descriptor) }
        let longest = 8_192
        let bytes = [UInt8](unsafeUninitializedCapacity: longest) { buffer, count in
            let memory = UnsafeMutableRawBufferPointer(buffer)
            count =
                (try? repeatingInterrupted { () throws(SystemError) in
                    try fileSystem.read(descriptor, memory)
                }) ?? 0
        }
        guard bytes.count < longest, let text = String(validating: bytes, as: UTF8.self) else { return nil }
        let line = text.unicodeScalars.prefix { $0 != "\n" && $0 != "\r" }
        return line.isEmpty ? nil : String(String.UnicodeScalarView(line))
    }
}
