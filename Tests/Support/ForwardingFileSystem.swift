package import NeuraphageEvents
package import NeuraphagePlatform

/// The real file system, for doubles that change some of its calls and leave the others as they are.
package protocol ForwardingFileSystem: FileSystem {}

extension ForwardingFileSystem {
    package var real: RealFileSystem { RealFileSystem() }

    package func open(_ path: String, flags: Int32, permissions: UInt32) throws(SystemError) -> Int32 {
        try real.open(path, flags: flags, permissions: permissions)
    }

    package func close(_ descriptor: Int32) { real.close(descriptor) }

    package func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) throws(SystemError) -> Int {
        try real.write(descriptor, bytes)
    }

    package func write(
        _ descriptor: Int32,
        _ bytes: UnsafeRawBufferPointer,
        at offset: Int64
    ) throws(SystemError) -> Int {
        try real.write(descriptor, bytes, at: offset)
    }

    package func read(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        try real.read(descriptor, buffer)
    }

    package func read(
        _ descriptor: Int32,
        _ buffer: UnsafeMutableRawBufferPointer,
        at offset: Int64
    ) throws(SystemError) -> Int {
        try real.read(descriptor, buffer, at: offset)
    }

    package func truncate(_ descriptor: Int32, to size: Int64) throws(SystemError) {
        try real.truncate(descriptor, to: size)
    }

    package func synchronize(_ descriptor: Int32) throws(SystemError) { try real.synchronize(descriptor) }

    package func setPermissions(_ permissions: UInt32, of descriptor: Int32) throws(SystemError) {
        try real.setPermissions(permissions, of: descriptor)
    }

    package func setOwner(_ owner: UInt32, group: UInt32, of descriptor: Int32) throws(SystemError) {
        try real.setOwner(owner, group: group, of: descriptor)
    }

    package func tryLock(_ descriptor: Int32, sharing isShared: Bool) throws(SystemError) -> Bool {
        try real.tryLock(descriptor, sharing: isShared)
    }

    package func lock(_ descriptor: Int32, sharing isShared: Bool) throws(SystemError) {
        try real.lock(descriptor, sharing: isShared)
    }

    package func unlock(_ descriptor: Int32) { real.unlock(descriptor) }

    package func status(of descriptor: Int32) throws(SystemError) -> FileStatus { try real.status(of: descriptor) }

    package func status(at path: String, followingLinks: Bool) throws(SystemError) -> FileStatus {
        try real.status(at: path, followingLinks: followingLinks)
    }

    package func copiesOnWrite(at path: String) -> Bool { real.copiesOnWrite(at: path) }

    package func modificationTime(at path: String) throws(SystemError) -> timespec {
        try real.modificationTime(at: path)
    }

    package func isExecutable(_ path: String) -> Bool { real.isExecutable(path) }

    package func resolve(_ path: String) throws(SystemError) -> String { try real.resolve(path) }

    package func names(in directory: String) throws(SystemError) -> [String] { try real.names(in: directory) }

    package func makeDirectory(_ path: String, permissions: UInt32) throws(SystemError) {
        try real.makeDirectory(path, permissions: permissions)
    }

    package func removeDirectory(_ path: String) throws(SystemError) { try real.removeDirectory(path) }

    package func remove(_ path: String) throws(SystemError) { try real.remove(path) }

    package func rename(_ path: String, replacing newPath: String) throws(SystemError) {
        try real.rename(path, replacing: newPath)
    }

    package func rename(_ path: String, withoutReplacing newPath: String) throws(SystemError) {
        try real.rename(path, withoutReplacing: newPath)
    }

    package func exchange(_ path: String, _ other: String) throws(SystemError) { try real.exchange(path, other) }
}
