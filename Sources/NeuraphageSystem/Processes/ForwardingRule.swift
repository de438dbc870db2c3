// Which signals that reach this process must be passed on to the child. Pure, and the only place that decides it.
//
// The child stands in the same process group. What the terminal sends, it sends to the whole group, so the child has it
// already; what a process sends with kill(2), it sent to us, because ours is the process id that it knows.

import NeuraphagePlatform

/// A signal that was taken, and who sent it.
package struct ReceivedSignal: Hashable {
    enum Sender: Hashable {
        case process(pid_t)
        case kernel
    }

    package let number: Int32
    let sender: Sender
}

/// Decides about the signals that arrive while a child runs.
struct ForwardingRule {
    let child: pid_t
    /// Whether this process leads a session: then the terminal tells it, and nobody else, that it was closed.
    let leadsSession: Bool

    /// Whether the child must get this signal from us.
    func forwards(_ signal: ReceivedSignal) -> Bool {
        switch signal.sender {
        case .process(let sender):
            // What the child sends to its parent is not meant for the child.
            sender != child
        case .kernel:
            switch signal.number {
            case SIGHUP: leadsSession
            // Timers survive exec: somebody set one, ran us, and means the command.
            case SIGALRM, SIGVTALRM, SIGPROF: true
            default: false
            }
        }
    }

    /// Whether somebody asks for the end of the run by this signal.
    func cancels(_ signal: ReceivedSignal) -> Bool {
        signal.sender != .process(child) && SignalName.cancelling.contains(signal.number)
    }
}
