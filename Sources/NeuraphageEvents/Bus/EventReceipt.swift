/// What became of a published event, as far as the log is concerned. Subscribers get it in any case.
public struct EventReceipt: Hashable, Sendable, CustomStringConvertible {
    private enum Value: String {
        case written, buffered, lost, notLogged
    }

    private let value: Value

    /// It is in the log, as safe as its ``Durability`` says. A crash of the program doesn't lose it.
    public static let written = EventReceipt(value: .written)
    /// It waits in memory, because the log could not be written to in time, and will be in the log when that is possible
    /// again.
    public static let buffered = EventReceipt(value: .buffered)
    /// It should be in the log, but there was no room for it to wait.
    public static let lost = EventReceipt(value: .lost)
    /// It is of an ephemeral kind, or the bus has no log, or the log is switched off.
    public static let notLogged = EventReceipt(value: .notLogged)

    /// The receipt's name.
    public var description: String { value.rawValue }
}
