import CNeuraphagePlatform
package import NeuraphagePlatform

/// The file system of this machine.
package struct RealFileSystem: FileSystem {
    package init() {}

    package func open(_ path: String, flags: Int32, permissions: UInt32) throws(SystemError) -> Int32 {
        try check(NeuraphagePlatform.open(path, flags, mode_t(permissions)))
    }

    package func close(_ descriptor: Int32) {
        _ = NeuraphagePlatform.close(descriptor)
    }

    package func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) throws(SystemError) -> Int {
        try check(NeuraphagePlatform.write(descriptor, bytes.baseAddress, bytes.count))
    }

    package func write(
        _ descriptor: Int32,
        _ bytes: UnsafeRawBufferPointer,
        at offset: Int64
    ) throws(SystemError) -> Int {
        try check(pwrite(descriptor, bytes.baseAddress, bytes.count, off_t(offset)))
    }

    package func read(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        try check(NeuraphagePlatform.read(descriptor, buffer.baseAddress, buffer.count))
    }

    package func read(
        _ descriptor: Int32,
        _ buffer: UnsafeMutableRawBufferPointer,
        at offset: Int64
    ) throws(SystemError) -> Int {
        try check(pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset)))
    }

    package func truncate(_ descriptor: Int32, to size: Int64) throws(SystemError) {
        try check(ftruncate(descriptor, off_t(size)))
    }

    package func synchronize(_ descriptor: Int32) throws(SystemError) {
        #if canImport(Darwin)
        try check(fcntl(descriptor, F_FULLFSYNC))
        #else
        try check(fdatasync(descriptor))
        #endif
    }

    package func setPermissions(_ permissions: UInt32, of descriptor: Int32) throws(SystemError) {
        try check(fchmod(descriptor, mode_t(permissions)))
    }

    package func setOwner(_ owner: UInt32, group: UInt32, of descriptor: Int32) throws(SystemError) {
        try check(fchown(descriptor, owner, group))
    }

    // MARK: - Locks

    package func tryLock(_ descriptor: Int32, sharing isShared: Bool) throws(SystemError) -> Bool {
        if flock(descriptor, (isShared ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0 { return true }
        guard errno == EWOULDBLOCK else { throw SystemError(code: errno) }
        return false
    }

    package func lock(_ descriptor: Int32, sharing isShared: Bool) throws(SystemError) {
        try check(flock(descriptor, isShared ? LOCK_SH : LOCK_EX))
    }

    package func unlock(_ descriptor: Int32) {
        _ = flock(descriptor, LOCK_UN)
    }

    // MARK: - What there is

    package func status(of descriptor: Int32) throws(SystemError) -> FileStatus {
        var status = file_status()
        let code = file_status_of_descriptor(descriptor, &status)
        guard code == 0 else { throw SystemError(code: code) }
        return FileStatus(status)
    }

    package func status(at path: String, followingLinks: Bool) throws(SystemError) -> FileStatus {
        var status = file_status()
        let code = file_status_of_path(path, followingLinks ? 1 : 0, &status)
        guard code == 0 else { throw SystemError(code: code) }
        return FileStatus(status)
    }

    package func copiesOnWrite(at path: String) -> Bool {
        copies_on_write(path) != 0
    }

    package func modificationTime(at path: String) throws(SystemError) -> timespec {
        var status = stat()
        try check(stat(path, &status))
        #if canImport(Darwin)
        return status.st_mtimespec
        #else
        return status.st_mtim
        #endif
    }

    package func isExecutable(_ path: String) -> Bool {
        access(path, X_OK) == 0
    }

    package func resolve(_ path: String) throws(SystemError) -> String {
        guard let resolved = realpath(path, nil) else { throw SystemError(code: errno) }
        defer { free(resolved) }
        guard let text = String(validatingCString: resolved) else { throw SystemError(code: EILSEQ) }
        return text
    }

    package func names(in directory: String) throws(SystemError) -> [String] {
        guard let stream = opendir(directory) else { throw SystemError(code: errno) }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else { break }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { name in
                String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        guard errno == 0 else { throw SystemError(code: errno) }
        return names
    }

    // MARK: - Names

    package func makeDirectory(_ path: String, permissions: UInt32) throws(SystemError) {
        try check(mkdir(path, mode_t(permissions)))
    }

    package func removeDirectory(_ path: String) throws(SystemError) {
        try check(rmdir(path))
    }

    package func remove(_ path: String) throws(SystemError) {
        try check(unlink(path))
    }

    package func rename(_ path: String, replacing newPath: String) throws(SystemError) {
        try check(NeuraphagePlatform.rename(path, newPath))
    }

    package func rename(_ path: String, withoutReplacing newPath: String) throws(SystemError) {
        let code = rename_without_replacing(path, newPath)
        guard code == 0 else { throw SystemError(code: code) }
    }

    package func exchange(_ path: String, _ other: String) throws(SystemError) {
        let code = exchange_names(path, other)
        guard code == 0 else { throw SystemError(code: code) }
    }

    @discardableResult
    private func check<Number: SignedInteger>(_ result: Number) throws(SystemError) -> Number {
        guard result >= 0 else { throw SystemError(code: errno) }
        return result
    }
}
