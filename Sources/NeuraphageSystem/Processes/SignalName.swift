// Signals by name: numbers differ between systems, names don't.

import NeuraphagePlatform

package enum SignalName {
    /// The signals by which somebody asks a program to end.
    package static let cancelling: Set<Int32> = [SIGINT, SIGTERM, SIGHUP, SIGQUIT]

    /// Such as `SIGTERM`; `signal 40` for one that has no name.
    package static func name(of signal: Int32) -> String {
        names[signal] ?? "signal \(signal)"
    }

    private static let names: [Int32: String] = [
        SIGHUP: "SIGHUP", SIGINT: "SIGINT", SIGQUIT: "SIGQUIT", SIGILL: "SIGILL", SIGTRAP: "SIGTRAP",
        SIGABRT: "SIGABRT", SIGBUS: "SIGBUS", SIGFPE: "SIGFPE", SIGKILL: "SIGKILL", SIGUSR1: "SIGUSR1",
        SIGSEGV: "SIGSEGV", SIGUSR2: "SIGUSR2", SIGPIPE: "SIGPIPE", SIGALRM: "SIGALRM", SIGTERM: "SIGTERM",
        SIGXCPU: "SIGXCPU", SIGXFSZ: "SIGXFSZ", SIGVTALRM: "SIGVTALRM", SIGPROF: "SIGPROF", SIGIO: "SIGIO",
        SIGSYS: "SIGSYS",
    ]
}
