// That a model has answered, as an agent's hook tells it without saying so: the agent uses a tool that the model has asked for,
// or stops.

/// A sign that a model has answered something.
package enum ModelAnswer: Hashable, Sendable {
    /// The agent has stopped.
    case stop
    /// The agent uses tools, or asks whether it may: those with these names, as far as it names them.
    case tools([String])
}
