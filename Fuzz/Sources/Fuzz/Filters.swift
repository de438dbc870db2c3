import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageRequests

/// Whatever a person types as a kind, a pattern, a text or a condition is taken or refused.
func testFilter(_ input: Span<UInt8>) {
    let parts = text(input).split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let (pattern, name) = (parts[0], parts.count > 1 ? parts[1] : parts[0])
    _ = Glob(pattern).matches(name)
    require(Glob("*").matches(name), "a star matches anything")

    let payload: Payload = ["text": .string(name), "list": [.string(pattern)], "n": 1]
    let event = Event(.custom(CustomName(asWritten: name)), from: TaskID(asWritten: pattern), payload: payload)
    var filter = EventFilter()
    if let kinds = try? KindPattern(typed: pattern) {
        filter.kinds = [kinds]
        for kind in EventKind.named { _ = kinds.matches(kind) }
    }
    _ = try? EventKind(typed: pattern)
    try? filter.add(.condition, pattern) { _, _ in .now }
    filter.text = name
    _ = filter.matches(event)
    if !name.isEmpty {
        var onlyText = EventFilter()
        onlyText.text = name
        require(onlyText.matches(event), "an event holds its own text")
    }
}

/// Whatever a person types as a time is taken or refused; a moment that is taken reads back from its own text.
func testTime(_ input: Span<UInt8>) {
    let text = text(input)
    let now = Timestamp(microsecondsSinceEpoch: 1_768_145_400_000_000)
    for moment in [Timestamp(text), try? TimeExpression.moment(text, as: .since, now: now)] {
        guard let moment else { continue }
        require(Timestamp(moment.description) == moment, "another moment: \(moment)")
        require(CivilTime(moment).microsecondsSinceEpoch == moment.microsecondsSinceEpoch)
        require((Timestamp.earliest...Timestamp.latest).contains(moment))
    }
    _ = TimeExpression.duration(text)
}
