// What takes several calls: whole files, and directories with those above them.

import NeuraphagePlatform

extension FileSystem {
    /// Makes the directory and those above it that don't exist, each for its owner alone (mode 0700).
    ///
    /// - Returns: The directories that were made.
    @discardableResult
    package func makeDirectories(_ path: String) throws(SystemError) -> [String] {
        var missing: [String] = []
        var directory = path
        while !directory.isEmpty, directory != "/", directory != "." {
            do throws(SystemError) {
                try makeDirectory(directory, permissions: 0o700)
                missing.append(directory)
                break
            } catch {
                if error.code == EEXIST { break }
                guard error.code == ENOENT else { throw error }
                missing.append(directory)
                directory = directory.parentDirectory
            }
        }
        for directory in missing.reversed() {
            do throws(SystemError) {
                try makeDirectory(directory, permissions: 0o700)
            } catch {
                if error.code != EEXIST { throw error }
            }
        }
        return missing
    }

    // MARK: - Reading

    /// The bytes of a small regular file.
    package func bytes(of path: String, atMost limit: Int) throws(SystemError) -> [UInt8] {
        try read(path, atMost: limit).bytes
    }

    /// The bytes of a small regular file, and what is known of it.
    package func read(
        _ path: String,
        atMost limit: Int
    ) throws(SystemError) -> (bytes: [UInt8], status: FileStatus) {
        let descriptor = try repeatingInterrupted { () throws(SystemError) in
            try open(path, flags: O_RDONLY | O_CLOEXEC | O_NONBLOCK, permissions: 0)
        }
        defer { close(descriptor) }
        let status = try status(of: descriptor)
        guard status.isRegularFile else { throw SystemError(code: status.isDirectory ? EISDIR : EINVAL) }
        guard status.size <= limit else { throw SystemError(code: EFBIG) }
        return (try bytes(of: descriptor, atMost: Int(status.size)), status)
    }

    /// Bytes of an open file, from its beginning or `start` up to its end. Files in `/proc` have no size, so this is how to
    /// read them.
    package func bytes(
        of descriptor: Int32,
        from start: Int64 = 0,
        atMost limit: Int
    ) throws(SystemError) -> [UInt8] {
        // An array without room shares its storage with all empty arrays; it must not write its count there.
        guard limit > 0 else { return [] }
        var failure: SystemError?
        let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            do throws(SystemError) {
                while count < limit {
                    let rest = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[count...])
                    let offset = start + Int64(count)
                    let read: Int = try repeatingInterrupted { () throws(SystemError) in
                        try self.read(descriptor, rest, at: offset)
                    }
                    if read == 0 { break }
                    count += read
                }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// The whole text of a small regular file. What is not UTF-8 in it is repaired.
    package func contents(of path: String, atMost limit: Int) throws(SystemError) -> String {
        String(decoding: try bytes(of: path, atMost: limit), as: UTF8.self)
    }

    // MARK: - Writing

    /// Writes all of the bytes, in several calls if need be.
    package func writeAll(_ bytes: some Sequence<UInt8>, to descriptor: Int32) throws(SystemError) {
        let failure = Array(bytes).withUnsafeBytes { self.write(all: $0, to: descriptor).error }
        if let failure { throw failure }
    }

    /// Writes as much as can be written.
    ///
    /// - Returns: How many of the bytes were written, and why not all of them.
    package func write(
        all bytes: UnsafeRawBufferPointer,
        to descriptor: Int32
    ) -> (count: Int, error: SystemError?) {
        var count = 0
        while count < bytes.count {
            do throws(SystemError) {
                let written = try write(descriptor, UnsafeRawBufferPointer(rebasing: bytes[count...]))
                if written == 0 { return (count, SystemError(code: EIO)) }
                count += written
            } catch {
                if error.code != EINTR { return (count, error) }
            }
        }
        return (count, nil)
    }

    /// Writes all of the bytes over what is at an offset, in several calls if need be.
    package func writeAll(_ bytes: [UInt8], to descriptor: Int32, at offset: Int64) throws(SystemError) {
        var failure: SystemError?
        bytes.withUnsafeBytes { buffer in
            var count = 0
            do throws(SystemError) {
                while count < buffer.count {
                    let rest = UnsafeRawBufferPointer(rebasing: buffer[count...])
                    let place = offset + Int64(count)
                    let written: Int = try repeatingInterrupted { () throws(SystemError) in
                        try write(descriptor, rest, at: place)
                    }
                    if written == 0 { throw SystemError(code: EIO) }
                    count += written
                }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }

    // MARK: - What there is

    /// Whether there is anything at a path, also if it is a symbolic link that leads nowhere.
    package func exists(_ path: String) -> Bool {
        (try? status(at: path, followingLinks: false)) != nil
    }

    /// Whether a path leads to a directory.
    package func isDirectory(_ path: String) -> Bool {
        (try? status(at: path, followingLinks: true))?.isDirectory ?? false
    }

    /// Whether a path leads to a regular file.
    package func isRegularFile(_ path: String) -> Bool {
        (try? status(at: path, followingLinks: true))?.isRegularFile ?? false
    }

    /// Which file there is at a path; `nil` if there is none.
    package func identity(at path: String) -> FileStatus.Identity? {
        (try? status(at: path, followingLinks: false))?.identity
    }

    /// Whether an open file is the one at a path.
    package func isStill(_ descriptor: Int32, at path: String) -> Bool {
        guard let opened = try? status(of: descriptor) else { return false }
        return identity(at: path) == opened.identity
    }
}
