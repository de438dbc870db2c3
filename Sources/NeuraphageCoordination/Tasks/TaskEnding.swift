// How a process ends, and how to end in the same way, so that a shell sees exactly what it would see without us.

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// How a command ended. POSIX knows no other ways.
public enum TaskEnding: Hashable, Sendable {
    /// It exited with this code, 0 to 255; 0 means success.
    case exited(Int32)
    /// A signal of this number ended it.
    case killed(Int32)
    /// It never ran.
    case notStarted(TaskStartError)
}

/// Why a command could not be started.
public struct TaskStartError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The program that could not be started.
    public let program: String
    /// The system's error number.
    public let errorNumber: Int32

    /// The code that a shell exits with in this case: 127 if there is no such program, 126 if it cannot be executed.
    public var exitCode: Int32 { isMissing ? 127 : 126 }

    /// What is wrong, such as `command not found: mkae`.
    public var description: String {
        isMissing
            ? "command not found: \(program)" : "cannot execute \(program): \(String(cString: strerror(errorNumber)))"
    }

    private var isMissing: Bool { errorNumber == ENOENT || errorNumber == ENOTDIR }
}

/// Ends this process as a command ended: with its exit code, or by the same signal.
///
/// A shell stops a script on Ctrl-C only if the command really died of it, so an exit code of 130 would not do. No core
/// is dumped, the command has dumped its own. Close the bus before.
public func endProcess(like ending: TaskEnding) -> Never {
    switch ending {
    case .exited(let code): exit(code)
    case .notStarted(let failure): exit(failure.exitCode)
    case .killed(let signal):
        fflush(nil)
        forbidCoreDump()
        SignalReceiver.takeDefault(signal)
        kill(getpid(), signal)
        exit(128 + signal)
    }
}

private func forbidCoreDump() {
    var limit = rlimit()
    #if canImport(Glibc)
    let resource = __rlimit_resource_t(RLIMIT_CORE.rawValue)
    #else
    let resource = RLIMIT_CORE
    #endif
    guard getrlimit(resource, &limit) == 0 else { return }
    limit.rlim_cur = 0
    setrlimit(resource, &limit)
}
