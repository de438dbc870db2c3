// Signals as values: blocked, then taken one by one where it suits us.
//
// No handler runs, so nothing here has to be async-signal-safe. What must stay as it is: the signals that the kernel
// raises for a fault of our own, SIGCONT, which works blocked or not, and SIGPIPE and SIGXFSZ, which np ignores.

import NeuraphagePlatform

/// Blocks the signals that could end or stop this process, until ``restore()``, and hands them out.
package struct SignalReceiver {
    private static let untouched: [Int32] = [
        SIGKILL, SIGSTOP, SIGCONT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS, SIGXCPU, SIGPIPE, SIGXFSZ,
    ]

    /// The signal mask that this thread had: the child's, too.
    let originalMask: sigset_t
    private let blocked: sigset_t
    private let ignoredChildEnd: Bool

    package init() {
        // With SIGCHLD ignored the system would throw away how the child ended.
        ignoredChildEnd = Self.isIgnored(SIGCHLD)
        if ignoredChildEnd { signal(SIGCHLD, SIG_DFL) }
        var blocked = sigset_t()
        sigfillset(&blocked)
        for number in Self.untouched { sigdelset(&blocked, number) }
        var original = sigset_t()
        pthread_sigmask(SIG_BLOCK, &blocked, &original)
        originalMask = original
        self.blocked = blocked
    }

    /// Makes mask and dispositions what they were.
    package func restore() {
        var mask = originalMask
        pthread_sigmask(SIG_SETMASK, &mask, nil)
        if ignoredChildEnd { signal(SIGCHLD, SIG_IGN) }
    }

    /// Waits for the next signal. `nil` if something else ended the wait; call again.
    package func next() -> ReceivedSignal? {
        var set = blocked
        #if canImport(Darwin)
        var number: Int32 = 0
        guard sigwait(&set, &number) == 0 else { return nil }
        return Self.guessed(number)
        #else
        var info = siginfo_t()
        guard sigwaitinfo(&set, &info) > 0 else { return nil }
        return Self.received(info)
        #endif
    }

    /// A signal that has arrived already, SIGCHLD left aside; `nil` if there is none.
    func pending() -> ReceivedSignal? {
        var set = blocked
        sigdelset(&set, SIGCHLD)
        #if canImport(Darwin)
        return nil
        #else
        var info = siginfo_t()
        var noTime = timespec()
        guard sigtimedwait(&set, &info, &noTime) > 0 else { return nil }
        return Self.received(info)
        #endif
    }

    /// Stops this process as a default disposition would, until somebody continues it.
    package func stop(by number: Int32) {
        // For this thread alone: another one may be about to take what is for the process.
        raise(number)
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, number)
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// Lets the signal do to this process what it does by default.
    static func takeDefault(_ number: Int32) {
        signal(number, SIG_DFL)
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, number)
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
    }

    /// Whether this process ignores the signal.
    static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        guard sigaction(number, nil, &action) == 0 else { return false }
        #if canImport(Glibc)
        let handler = action.__sigaction_handler.sa_handler
        #elseif canImport(Musl)
        let handler = action.__sa_handler.sa_handler
        #else
        let handler = action.__sigaction_u.__sa_handler
        #endif
        return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    #if canImport(Darwin)
    /// Darwin does not say who sent a signal; these don't come from a terminal.
    private static func guessed(_ number: Int32) -> ReceivedSignal {
        let isFromProcess = [SIGTERM, SIGHUP, SIGUSR1, SIGUSR2].contains(number)
        return ReceivedSignal(number: number, sender: isFromProcess ? .process(0) : .kernel)
    }
    #else
    private static func received(_ info: siginfo_t) -> ReceivedSignal {
        #if canImport(Glibc)
        let sender = info._sifields._kill.si_pid
        #else
        let sender = info.__si_fields.__si_common.__first.__piduid.si_pid
        #endif
        // A code above zero means that the kernel itself sent the signal.
        return ReceivedSignal(number: info.si_signo, sender: info.si_code > 0 ? .kernel : .process(sender))
    }
    #endif
}
