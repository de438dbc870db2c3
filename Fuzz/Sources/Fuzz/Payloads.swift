import NeuraphageEvents

/// A payload without its credentials and cut to a limit is valid JSON within the limit, and redacting it once more
/// changes nothing. Any text may stand in it.
func testPayload(_ input: Span<UInt8>) {
    let text = text(input)
    if let payload = try? Payload(json: text) { test(payload) }
    test(["text": .string(text), "list": [.string(text), 1], "other": nil])
}

private func test(_ payload: Payload) {
    let redacted = payload.redacted()
    checkJSON(redacted)
    require(redacted.redacted() == redacted, "redacted again: \(redacted)")
    for limit in [128, 300, 10_240] {
        let cut = redacted.limited(to: limit)
        checkJSON(cut)
        require(cut.json.utf8.count <= limit, "over the limit of \(limit): \(cut)")
    }
}

private func checkJSON(_ payload: Payload) {
    guard let again = try? Payload(json: payload.json) else { fatalError("not JSON: \(payload)") }
    require(again == payload, "other JSON: \(again)")
}
