/// What the writer's state machine wants done. ``LogWriter`` does it.
enum WriterAction: Sendable {
    /// Insert events into the bus's ring. The only one that is done under the lock, because that makes the order.
    case deliver(Submission.Recipients)
    /// Tell a thread what became of its lines.
    case settle(WaitingThread, EventLog.Outcome)
    /// Wake a thread that waits, since nothing is being written.
    case callToWrite(WaitingThread)
    /// Let a task go on.
    case resume(WaitingTask, EventLogError?)
    /// Start the log's own thread.
    case startThread
    /// Wake the log's own thread.
    case wakeThread
    /// Tell the developer, through the logger, that something is wrong.
    case warn(String)
    /// Tell the developer that it is right again.
    case note(String)
    /// Let go of a segment. Its file is closed if nothing else holds it.
    case release(OpenSegment)
    /// Close the file: the log is closed, and nothing is being written.
    case closeFile
}
