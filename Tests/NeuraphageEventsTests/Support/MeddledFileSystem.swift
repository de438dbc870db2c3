import TestSupport

@testable import NeuraphageEvents

/// The real file system, in which something happens before one of the calls.
final class MeddledFileSystem: ForwardingFileSystem {
    private let callsLeft: Lock<Int>
    private let descriptors = Lock(0)
    private let meddle: @Sendable () -> Void

    /// - Parameter call: The number of the call before which `meddle` is called, counted from 0.
    init(before call: Int, _ meddle: @escaping @Sendable () -> Void) {
        callsLeft = Lock(call)
        self.meddle = meddle
    }

    /// Whether there was such a call.
    var hasMeddled: Bool { callsLeft.withLock { $0 < 0 } }
    /// How many descriptors are open.
    var openDescriptors: Int { descriptors.withLock { $0 } }

    private func count() {
        let isTime = callsLeft.withLock { left in
            left -= 1
            return left == -1
        }
        if isTime { meddle() }
    }

    func open(_ path: String, flags: Int32, permissions: UInt32) throws(SystemError) -> Int32 {
        count()
        let descriptor = try real.open(path, flags: flags, permissions: permissions)
        descriptors.withLock { $0 += 1 }
        return descriptor
    }

    func close(_ descriptor: Int32) {
        count()
        real.close(descriptor)
        descriptors.withLock { $0 -= 1 }
    }

    func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) throws(SystemError) -> Int {
        count()
        return try real.write(descriptor, bytes)
    }

    func read(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        count()
        return try real.read(descriptor, buffer)
    }

    func read(
        _ descriptor: Int32,
        _ buffer: UnsafeMutableRawBufferPointer,
        at offset: Int64
    ) throws(SystemError) -> Int {
        count()
        return try real.read(descriptor, buffer, at: offset)
    }

    func truncate(_ descriptor: Int32, to size: Int64) throws(SystemError) {
        count()
        try real.truncate(descriptor, to: size)
    }

    func synchronize(_ descriptor: Int32) throws(SystemError) {
        count()
        try real.synchronize(descriptor)
    }

    func tryLock(_ descriptor: Int32, sharing isShared: Bool) throws(SystemError) -> Bool {
        count()
        return try real.tryLock(descriptor, sharing: isShared)
    }

    func unlock(_ descriptor: Int32) {
        count()
        real.unlock(descriptor)
    }

    func status(of descriptor: Int32) throws(SystemError) -> FileStatus {
        count()
        return try real.status(of: descriptor)
    }

    func status(at path: String, followingLinks: Bool) throws(SystemError) -> FileStatus {
        count()
        return try real.status(at: path, followingLinks: followingLinks)
    }

    func makeDirectory(_ path: String, permissions: UInt32) throws(SystemError) {
        count()
        try real.makeDirectory(path, permissions: permissions)
    }

    func setPermissions(_ permissions: UInt32, of descriptor: Int32) throws(SystemError) {
        count()
        try real.setPermissions(permissions, of: descriptor)
    }

    func rename(_ path: String, withoutReplacing newPath: String) throws(SystemError) {
        count()
        try real.rename(path, withoutReplacing: newPath)
    }

    func names(in directory: String) throws(SystemError) -> [String] {
        count()
        return try real.names(in: directory)
    }
}
