import Foundation
import TestSupport
import Testing

@testable import NeuraphageEvents

/// The real file system, with somebody who looks at each call before it happens and may have it fail.
final class InterposedFileSystem: ForwardingFileSystem {
    enum Call: Hashable, CaseIterable, Sendable {
        case open, write, read, truncate, synchronize, lock, status, makeDirectory, setPermissions, rename, names
    }

    enum Fault: Hashable, Sendable {
        case failure(Int32)
        /// Half of what was asked for is done.
        case half
    }

    private let before: @Sendable (Call) -> Fault?
    private let descriptors = Shared(0)

    init(_ before: @escaping @Sendable (Call) -> Fault?) {
        self.before = before
    }

    /// How many descriptors are open.
    var openDescriptors: Int { descriptors.value }

    @discardableResult
    private func interpose(_ call: Call) throws(SystemError) -> Fault? {
        let fault = before(call)
        if case .failure(let code) = fault { throw SystemError(code: code) }
        return fault
    }

    func open(_ path: String, flags: Int32, permissions: UInt32) throws(SystemError) -> Int32 {
        try interpose(.open)
        let descriptor = try real.open(path, flags: flags, permissions: permissions)
        descriptors.update { $0 += 1 }
        return descriptor
    }

    func close(_ descriptor: Int32) {
        real.close(descriptor)
        descriptors.update { $0 -= 1 }
    }

    func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) throws(SystemError) -> Int {
        let count = try interpose(.write) == .half ? (bytes.count + 1) / 2 : bytes.count
        return try real.write(descriptor, UnsafeRawBufferPointer(rebasing: bytes[..<count]))
    }

    func write(
        _ descriptor: Int32,
        _ bytes: UnsafeRawBufferPointer,
        at offset: Int64
    ) throws(SystemError) -> Int {
        let count = try interpose(.write) == .half ? (bytes.count + 1) / 2 : bytes.count
        return try real.write(descriptor, UnsafeRawBufferPointer(rebasing: bytes[..<count]), at: offset)
    }

    func read(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        try interpose(.read)
        return try real.read(descriptor, buffer)
    }

    func read(
        _ descriptor: Int32,
        _ buffer: UnsafeMutableRawBufferPointer,
        at offset: Int64
    ) throws(SystemError) -> Int {
        try interpose(.read)
        return try real.read(descriptor, buffer, at: offset)
    }

    func truncate(_ descriptor: Int32, to size: Int64) throws(SystemError) {
        try interpose(.truncate)
        try real.truncate(descriptor, to: size)
    }

    func synchronize(_ descriptor: Int32) throws(SystemError) {
        try interpose(.synchronize)
        try real.synchronize(descriptor)
    }

    func tryLock(_ descriptor: Int32, sharing isShared: Bool) throws(SystemError) -> Bool {
        try interpose(.lock)
        return try real.tryLock(descriptor, sharing: isShared)
    }

    func status(of descriptor: Int32) throws(SystemError) -> FileStatus {
        try interpose(.status)
        return try real.status(of: descriptor)
    }

    func status(at path: String, followingLinks: Bool) throws(SystemError) -> FileStatus {
        try interpose(.status)
        return try real.status(at: path, followingLinks: followingLinks)
    }

    func makeDirectory(_ path: String, permissions: UInt32) throws(SystemError) {
        try interpose(.makeDirectory)
        try real.makeDirectory(path, permissions: permissions)
    }

    func setPermissions(_ permissions: UInt32, of descriptor: Int32) throws(SystemError) {
        try interpose(.setPermissions)
        try real.setPermissions(permissions, of: descriptor)
    }

    func rename(_ path: String, withoutReplacing newPath: String) throws(SystemError) {
        try interpose(.rename)
        try real.rename(path, withoutReplacing: newPath)
    }

    func names(in directory: String) throws(SystemError) -> [String] {
        try interpose(.names)
        return try real.names(in: directory)
    }
}

/// A door that can be closed, so that whoever comes has to wait.
final class Gate: Sendable {
    private struct State {
        var isOpen = true
        var waiting = 0
    }

    private let state = Lock(State())
    private let opened = Condition()

    /// How many stand before it.
    var waiting: Int { state.withLock { $0.waiting } }

    func close() {
        state.withLock { $0.isOpen = false }
    }

    func open() {
        state.withLock { $0.isOpen = true }
        opened.broadcast()
    }

    /// Waits until it is open. It counts as a failure of the test if that takes too long, and then it lets go.
    func pass() {
        state.withLock { $0.waiting += 1 }
        let limit = MonotonicClock.moment(after: patience)
        let hasOpened: Bool? = state.wait(for: opened, until: limit) { $0.isOpen ? true : nil }
        state.withLock { $0.waiting -= 1 }
        if hasOpened == nil { Issue.record("waited \(patience.inSeconds) before a gate for the test to open it") }
    }
}
