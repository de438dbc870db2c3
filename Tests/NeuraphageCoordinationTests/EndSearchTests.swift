import NeuraphageEvents
import TestSupport
import Testing

@testable import NeuraphageTasks

@Suite("A search for ends in the log", .apart)
struct EndSearchTests {
    private let first = Event(.taskStarted, from: "t-1")
    private let second = Event(.taskStarted, from: "t-2")

    private func search(_ begins: Event...) -> EndSearch {
        EndSearch(begins.map { (OpenNote(about: .empty, begin: $0), .run) })
    }

    @Test("goes back to the oldest beginning, and no further")
    func beginnings() {
        var search = search(first, second)
        let goesOn1 = search.see(Event(.nudgeSent))
        #expect(goesOn1)
        let goesOn2 = search.see(second)
        #expect(goesOn2)
        let goesOn3 = search.see(first)
        #expect(!goesOn3)
        let begun = EndSearch.Finding(hasBegun: true, hasEnded: false)
        #expect(search.findings == [begun, begun])
    }

    @Test("takes for an end what comes after the beginning, and names this life or none")
    func ends() {
        let other: Payload = ["begin": "another"]
        var search = search(first)
        let goesOn4 = search.see(Event(.taskCompleted, from: "t-1", payload: other))
        #expect(goesOn4)
        let goesOn5 = search.see(Event(.taskCompleted, from: "t-2"))
        #expect(goesOn5)
        #expect(search.findings == [EndSearch.Finding()])
        let goesOn6 = search.see(Event(.taskFailed, from: "t-1"))
        #expect(goesOn6)
        let goesOn7 = search.see(first)
        #expect(!goesOn7)
        #expect(search.findings == [EndSearch.Finding(hasBegun: true, hasEnded: true)])
    }

    @Test("says nothing of an end that was written down if too little of the log was read to know")
    func tooLittle() {
        var note = OpenNote(about: .empty, begin: first)
        note = OpenNote(note.text + "\(Event(.taskCompleted, from: "t-1"))\n") ?? note
        #expect(note.end != nil)
        var search = EndSearch([(note, .run), (OpenNote(about: .empty, begin: second), .run)])
        search.giveUp(isEndCertain: false)
        #expect(search.findings == [nil, EndSearch.Finding(hasBegun: true, hasEnded: false)])
    }
}
