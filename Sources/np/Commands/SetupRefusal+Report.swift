import NeuraphageAgents
import NeuraphagePresentation

/// Says what is left as it is, and what a person can do instead.
func report(_ refusals: [SetupRefusal]) {
    for refusal in refusals {
        complain("\(refusal.part.title): \(refusal.reason)")
        guard !refusal.byHand.isEmpty else { continue }
        let lines = ["or add the hooks by hand:"] + refusal.byHand
        writeToStandardError(lines.map { "    \($0.visible)\n" }.joined())
    }
}
