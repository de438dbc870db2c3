import Foundation
import TestSupport

@testable import NeuraphageEvents

/// The real file system, with faults. Each call takes the next fault of its list; when there is none left, it does what
/// it should.
final class FaultyFileSystem: ForwardingFileSystem {
    enum WriteFault: Sendable {
        /// Nothing is written.
        case failure(Int32)
        /// Only so many bytes are written.
        case short(Int)
        /// Something happens, then nothing is written.
        case failureAfter(Int32, @Sendable () -> Void)
    }

    private struct Faults: Sendable {
        var writes: [WriteFault] = []
        var isDiskFull = false
        var openError: Int32?
        var lockErrors: [Int32] = []
        var synchronizeErrors: [Int32] = []
        var descriptors = 0
        var truncations = 0
    }

    private let faults = Lock(Faults())

    init(writes: [WriteFault] = [], locks: [Int32] = [], synchronizations: [Int32] = []) {
        faults.withLock {
            $0.writes = writes
            $0.lockErrors = locks
            $0.synchronizeErrors = synchronizations
        }
    }

    /// While this holds, every write fails with ENOSPC.
    var isDiskFull: Bool {
        get { faults.withLock { $0.isDiskFull } }
        set { faults.withLock { $0.isDiskFull = newValue } }
    }

    /// While this is set, every open fails with it.
    var openError: Int32? {
        get { faults.withLock { $0.openError } }
        set { faults.withLock { $0.openError = newValue } }
    }

    /// How many descriptors are open.
    var openDescriptors: Int { faults.withLock { $0.descriptors } }
    /// How often a file was cut.
    var truncations: Int { faults.withLock { $0.truncations } }
    /// Whether every planned fault has happened.
    var isExhausted: Bool {
        faults.withLock { $0.writes.isEmpty && $0.lockErrors.isEmpty && $0.synchronizeErrors.isEmpty }
    }

    func add(_ writes: WriteFault...) {
        faults.withLock { $0.writes += writes }
    }

    func open(_ path: String, flags: Int32, permissions: UInt32) throws(SystemError) -> Int32 {
        if let code = openError { throw SystemError(code: code) }
        let descriptor = try real.open(path, flags: flags, permissions: permissions)
        faults.withLock { $0.descriptors += 1 }
        return descriptor
    }

    func close(_ descriptor: Int32) {
        real.close(descriptor)
        faults.withLock { $0.descriptors -= 1 }
    }

    func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) throws(SystemError) -> Int {
        if isDiskFull { throw SystemError(code: ENOSPC) }
        switch faults.withLock({ $0.writes.isEmpty ? nil : $0.writes.removeFirst() }) {
        case nil: return try real.write(descriptor, bytes)
        case .failure(let code): throw SystemError(code: code)
        case .short(let count): return try real.write(descriptor, UnsafeRawBufferPointer(rebasing: bytes[..<count]))
        case .failureAfter(let code, let action):
            action()
            throw SystemError(code: code)
        }
    }

    func truncate(_ descriptor: Int32, to size: Int64) throws(SystemError) {
        faults.withLock { $0.truncations += 1 }
        try real.truncate(descriptor, to: size)
    }

    func synchronize(_ descriptor: Int32) throws(SystemError) {
        if let code = faults.withLock({ $0.synchronizeErrors.isEmpty ? nil : $0.synchronizeErrors.removeFirst() }) {
            throw SystemError(code: code)
        }
        try real.synchronize(descriptor)
    }

    func tryLock(_ descriptor: Int32, sharing isShared: Bool) throws(SystemError) -> Bool {
        if let code = faults.withLock({ $0.lockErrors.isEmpty ? nil : $0.lockErrors.removeFirst() }) {
            throw SystemError(code: code)
        }
        return try real.tryLock(descriptor, sharing: isShared)
    }

    func names(in directory: String) throws(SystemError) -> [String] {
        try real.names(in: directory)
    }
}
