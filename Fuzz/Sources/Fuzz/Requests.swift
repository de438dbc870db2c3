import NeuraphageEvents
import NeuraphageRequests

/// Whatever stands behind the question mark or in the body of a request is taken or refused. However a body is cut into
/// pieces, it holds the same lines.
func testRequest(_ input: Span<UInt8>) {
    let query = text(input)
    _ = try? EventQuery(query, names: EventQuery.readingNames, now: .now)
    _ = try? EventQuery(query, names: EventQuery.filterNames, now: .now)
    try? EventQuery.refuseParameters(query)

    input.withUnsafeBytes { bytes in
        let whole = lines([bytes])
        let middle = bytes.count / 2
        let pieces = [UnsafeRawBufferPointer(rebasing: bytes[..<middle]), .init(rebasing: bytes[middle...])]
        require(lines(pieces) == whole, "other lines in pieces")
        require(whole.count <= bytes.count, "more lines than bytes")
        for line in whole { _ = line.map { try? Event(submitted: $0.span) } }
    }
}

private func lines(_ pieces: [UnsafeRawBufferPointer]) -> [[UInt8]?] {
    var lines: [[UInt8]?] = []
    var submitted = SubmittedLines()
    for piece in pieces { submitted.add(piece) { lines.append($0) } }
    submitted.end { lines.append($0) }
    return lines
}
