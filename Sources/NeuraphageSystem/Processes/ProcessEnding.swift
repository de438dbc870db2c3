// How a process ends, and how to end in the same way, so that a shell sees exactly what it would see without np.

import NeuraphagePlatform
public import NeuraphagePresentation

/// How a command ended. POSIX knows no other ways.
public enum ProcessEnding: Hashable, Sendable {
    /// It exited with this code, 0 to 255; 0 means success.
    case exited(Int32)
    /// A signal of this number ended it.
    case killed(Int32)
    /// It never ran.
    case notStarted(OperationError)
}

extension OperationError {
    /// The code that a shell exits with if it cannot start a command: 127 if there is no such program, 126 if it cannot be
    /// executed.
    package var shellExitCode: Int32 { code == .commandNotFound ? 127 : 126 }
}

/// Ends this process as a command ended: with its exit code, or by the same signal.
///
/// A shell stops a script on Ctrl-C only if the command really died of it, so an exit code of 130 would not do. No core
/// is dumped; the command has dumped its own. Close the bus before.
public func endProcess(like ending: ProcessEnding) -> Never {
    switch ending {
    case .exited(let code): exit(code)
    case .notStarted(let failure): exit(failure.shellExitCode)
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
