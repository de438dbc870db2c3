// Entries of ours that are there already: of an older np, or of one that lies elsewhere. They are brought up to date where they
// are, and only as far as np made them: what a person has changed in them stays.

import NeuraphageEvents
import NeuraphagePresentation

extension AgentSettings {
    /// Brings an entry of ours up to date, and removes others of ours from the same event.
    mutating func repair(_ event: AskedEvent, _ hooks: AgentHooks) throws(OperationError) {
        while let last = places(of: hooks, in: event.name).dropFirst().last { remove(last) }
        guard let place = places(of: hooks, in: event.name).first else { return }
        if place.command != hooks.command, let member = place.object.member("command") {
            replace(member, with: AgentHooks.string(hooks.command))
            return try repair(event, hooks)
        }
        if let member = place.object.member("timeout"), event.former.timeouts.map(String.init).contains(value(member)) {
            replace(member, with: String(event.timeout))
            return try repair(event, hooks)
        }
        if let label = hooks.label, place.object.member("statusMessage") == nil {
            try add("\"statusMessage\": \(AgentHooks.string(label))", to: place.object)
            return try repair(event, hooks)
        }
        guard let matcher = place.groupObject.elements.firstIndex(where: { $0.key == "matcher" }),
            event.former.matchers.contains(string(place.groupObject.elements[matcher]) ?? "")
        else { return }
        if place.entries.elements.count == 1 {
            remove(matcher, from: place.groupObject)
        } else {
            // The group is the user's as well.
            remove(place)
            try add(hooks.entry(for: event), to: event.name)
        }
    }

    /// What is different once the hooks have been added.
    struct Differences: Equatable {
        /// Events that don't run the hook.
        var missing: [String] = []
        /// Events whose entry is of an older np, or of one elsewhere.
        var outdated: [String] = []
        /// Events that run the hook, and that the agent's version does not know.
        var unknown: [String] = []

        var isEmpty: Bool { self == Differences() }
    }

    /// What adding the hooks would change; `nil` if they cannot be added.
    func differences(from hooks: AgentHooks) -> Differences? {
        var repaired = self
        do {
            try repaired.add(hooks)
        } catch {
            return nil
        }
        let present = events(running: hooks)
        let wanted = hooks.events(where: present).map(\.name)
        return Differences(
            missing: wanted.filter { !present.contains($0) },
            outdated: wanted.filter { present.contains($0) && text(of: $0) != repaired.text(of: $0) },
            unknown: present.filter { !wanted.contains($0) }
        )
    }
}
