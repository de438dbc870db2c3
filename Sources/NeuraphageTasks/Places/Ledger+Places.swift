import NeuraphageEvents

extension Ledger {
    /// The worktrees in which tasks began that have not ended, or to which sessions are bound.
    var places: [TaskID: Set<Place>] {
        var places: [TaskID: Set<Place>] = [:]
        for note in notes {
            if let task = note.task, let place = Place(note.about) { places[task, default: []].insert(place) }
        }
        return places
    }
}
