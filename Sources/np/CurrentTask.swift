import NeuraphageEvents
import ArgumentParser

/// The task that a command belongs to if nobody says otherwise.
enum CurrentTask {
    static func optional() throws -> TaskID? { try environment("NP_TASK").map { try TaskID($0) } }
    static func required() throws -> TaskID { try optional() ?? "x" }
}
