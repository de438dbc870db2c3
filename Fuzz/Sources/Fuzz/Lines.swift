import NeuraphageEvents
import NeuraphageRequests

/// A line never crashes the reader. One that is accepted is written as a line that reads back as the same event, and
/// once more as the same line.
func testLine(_ input: Span<UInt8>) {
    if let event = try? EventLine(input).event(input) { testRoundTrip(event) }
    if let event = try? Event(submitted: input) { testRoundTrip(event) }
}

private func testRoundTrip(_ event: Event) {
    let line = event.description
    require(!line.utf8.contains(UInt8(ascii: "\n")), "an event is more than one line")
    guard let again = try? Event(line: line) else { fatalError("unreadable: \(line)") }
    require(again == event, "another event: \(line)")
    require(again.description == line, "another line: \(again)")
    testLogged(event)
}

/// What is logged of an event is a line that can be read, with a payload within the limit.
private func testLogged(_ event: Event) {
    for limit in [128, 200, 10_240] {
        var logged: [UInt8] = []
        event.encode(payloadLimit: limit, redactingCredentials: true, into: &logged)
        guard let read = try? EventLine(logged.span).event(logged.span) else { fatalError("unreadable when logged") }
        require(read.payload.json.utf8.count <= limit, "over the limit of \(limit)")
        require(read.id == event.id && read.kind == event.kind && read.timestamp == event.timestamp)
        require(read.source == event.source && read.target == event.target)
    }
}
