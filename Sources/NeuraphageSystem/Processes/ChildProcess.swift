// The child, from spawn to its end: the system calls around ForwardingRule.
//
// This process and the child share a process group, and so the terminal. Stop signals are blocked here like all others:
// we stop when, and only when, the child has stopped, so that a shell learns of it, whether Ctrl-Z stopped the child or
// it stopped itself, as full-screen programs do once they have put the terminal in order.

import NeuraphagePlatform
import NeuraphagePresentation

/// A child process that has been started and not been waited for.
package struct ChildProcess {
    private let id: pid_t
    /// A process that was started beside it, whose end has to be taken note of.
    private let other: Int32?
    private let signals: SignalReceiver
    private let rule: ForwardingRule
    /// The first signal by which somebody asked for the end.
    private(set) var cancellation: Int32?

    /// Starts a program with what this process was started with – its descriptors, its process group, its signal mask, its
    /// ignored signals – and waits for its end.
    ///
    /// - Parameters:
    ///   - words: The program, looked up in `PATH` if it has no slash, and its arguments.
    ///   - environment: Variables to add to this process's environment or to replace there.
    ///   - signals: What holds the signal mask that the child gets.
    ///   - resetting: The signals whose default the child gets though this process ignores them.
    ///   - meanwhile: Called once, as soon as the program runs or has turned out not to. Signals wait until it returns. It
    ///     may start another process and return its id; this process then reaps that one, too, if it ends before the program.
    /// - Returns: How it ended, and the first signal that asked for the end.
    package static func run(
        _ words: [[UInt8]],
        environment: [String: String],
        signals: SignalReceiver,
        resetting: [Int32],
        meanwhile: () -> Int32? = { nil }
    ) -> (ending: ProcessEnding, cancellation: Int32?) {
        var spawn = Spawn(words: words)
        spawn.environment = environment
        spawn.signalMask = signals.originalMask
        spawn.signalsToReset = resetting
        let id: pid_t
        do throws(OperationError) {
            id = try spawn.start()
        } catch {
            _ = meanwhile()
            return (.notStarted(error), nil)
        }
        var child = ChildProcess(id: id, beside: meanwhile(), signals: signals)
        let ending = child.wait()
        return (ending, child.cancellation)
    }

    private init(id: pid_t, beside other: Int32?, signals: SignalReceiver) {
        self.id = id
        self.other = other
        self.signals = signals
        rule = ForwardingRule(child: id, leadsSession: getsid(0) == getpid())
    }

    /// Waits for the end, passing on signals and stopping along with the child.
    private mutating func wait() -> ProcessEnding {
        passOnPendingSignals()
        while true {
            switch state() {
            case .ended(let ending):
                // What asked for the end may still be waiting here when the end has come.
                while let signal = signals.pending() { remember(signal) }
                return ending
            case .stopped(let signal): stop(by: signal)
            case .unchanged: break
            }
            guard let signal = signals.next() else { continue }
            guard signal.number != SIGCHLD else {
                if let other { waitpid(other, nil, WNOHANG) }
                continue
            }
            remember(signal)
            if rule.forwards(signal) { kill(id, signal.number) }
        }
    }

    /// What was sent before the child stood in the process group has not reached it, whoever sent it.
    private mutating func passOnPendingSignals() {
        while let signal = signals.pending() {
            remember(signal)
            kill(id, signal.number)
        }
    }

    private mutating func remember(_ signal: ReceivedSignal) {
        guard cancellation == nil, rule.cancels(signal), !SignalReceiver.isIgnored(signal.number) else { return }
        cancellation = signal.number
    }

    private func stop(by signal: Int32) {
        // A child stopped from outside, with no shell waiting at a terminal, is nobody's job.
        guard signal != SIGSTOP || Self.isInForeground, !SignalReceiver.isIgnored(signal) else { return }
        signals.stop(by: signal)
        kill(id, SIGCONT)
    }

    /// Whether this process belongs to the group that its terminal listens to.
    private static var isInForeground: Bool {
        let terminal = open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC)
        guard terminal >= 0 else { return false }
        defer { close(terminal) }
        return tcgetpgrp(terminal) == getpgrp()
    }

    // MARK: - Its state

    private enum State {
        case unchanged
        case stopped(by: Int32)
        case ended(ProcessEnding)
    }

    private func state() -> State {
        var status: Int32 = 0
        let result = waitpid(id, &status, WNOHANG | WUNTRACED)
        if result < 0 && errno != EINTR { return .ended(.exited(EXIT_FAILURE)) }  // somebody else has waited for it
        return result == id ? Self.state(status) : .unchanged
    }

    /// The macros of <sys/wait.h>, which Swift does not import.
    private static func state(_ status: Int32) -> State {
        let signal = status & 0x7f
        let code = status >> 8 & 0xff
        switch signal {
        case 0: return .ended(.exited(code))
        case 0x7f: return .stopped(by: code)
        default: return .ended(.killed(signal))
        }
    }
}
