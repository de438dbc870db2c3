import NeuraphageEvents
import NeuraphagePlatform
import NeuraphagePresentation
import NeuraphageProjections

/// Whatever stands in the files of a log, and whatever they are called, a person gets to see it: forward and backward the
/// same, in every format, each event on one line, with nothing that a terminal would act on.
///
/// The input is divided at its NUL bytes: the contents of the active file, then of each other file its name and contents.
func testLog(_ input: Span<UInt8>) {
    let parts = input.withUnsafeBufferPointer { Array($0).split(separator: 0, omittingEmptySubsequences: false) }
    var files = [(name: EventLogConfig.fileName, bytes: Array(parts[0]))]
    var rest = parts.dropFirst()
    while let name = rest.popFirst(), let bytes = rest.popFirst() {
        files.append((String(decoding: name, as: UTF8.self), Array(bytes)))
    }
    let log = FilesInMemory(files)
    let path = FilesInMemory.directory + "/" + EventLogConfig.fileName
    do {
        try testScans(log, path)
        try testVerification(log, path)
        try testTables(log, path)
    } catch {
        fatalError("cannot read: \(error)")
    }
}

private func testScans(_ files: FilesInMemory, _ path: String) throws {
    var forward: [Event] = []
    var scan = EventScan([.log(path)], fileSystem: files)
    let report = try scan.run { event, line in
        forward.append(event)
        testRendering(event, line)
        return true
    }
    var backward: [Event] = []
    scan.isNewestFirst = true
    let reverse = try scan.run { event, _ in
        backward.append(event)
        return true
    }
    require(backward.reversed() == forward, "\(forward.count) events forward, others backward: \(backward.count)")
    require(reverse.skippedCount == report.skippedCount, "other lines are skipped backward")
    scan.isNewestFirst = false
    scan.last = 2
    var last: [Event] = []
    _ = try scan.run { event, _ in
        last.append(event)
        return true
    }
    require(last == forward.suffix(2), "others are the last two")
}

private let clocks: [DisplayClock] = {
    // Local time is not UTC then.
    setenv("TZ", "America/New_York", 1)
    return [.utc, .local]
}()

private func testRendering(_ event: Event, _ line: Span<UInt8>) {
    var output: [UInt8] = []
    func render(_ renderer: some EventRenderer, _ line: Span<UInt8>) -> String {
        output.removeAll(keepingCapacity: true)
        var renderer = renderer
        renderer.render(event, line: line, into: &output)
        renderer.settle(into: &output)
        require(output.last == UInt8(ascii: "\n"), "a line without an end")
        output.removeLast()
        require(!output.contains(UInt8(ascii: "\n")), "more lines than one")
        return String(decoding: output, as: UTF8.self)
    }
    for clock in clocks {
        requireVisible(render(TextRenderer(style: Style(isColored: false), clock: clock), line))
        _ = render(TextRenderer(style: Style(isColored: true), clock: clock), line)
    }
    requireVisible(render(CSVRenderer(), line))
    _ = render(RawRenderer(isTerminal: false), line)
    require(line.withUnsafeBufferPointer { output.elementsEqual($0) }, "other bytes than the line's")
    requireVisible(render(RawRenderer(isTerminal: true), line))

    let json = render(JSONRenderer(isTerminal: false), line)
    guard let read = try? Event(line: json) else { fatalError("unreadable: \(json)") }
    // Half a surrogate pair is another character now.
    require(read == event || json != event.description && read.id == event.id, "another event: \(json)")
    let onTerminal = render(JSONRenderer(isTerminal: true), line)
    requireVisible(onTerminal)
    require((try? Event(line: onTerminal))?.id == event.id, "another event: \(onTerminal)")
}

private func testVerification(_ files: FilesInMemory, _ path: String) throws {
    let totals = try LogVerification([.log(path)], fileSystem: files).run { finding in
        requireVisible(finding.text.visible)
        requireJSON(Payload(finding.json).json.visibleJSON)
    }
    for waiting in [nil, Reserve.Waiting(events: 3, lost: 1)] {
        for line in totals.lines(waiting: waiting) { requireVisible(line) }
        requireJSON(Payload(totals.json(waiting: waiting)).json.visibleJSON)
    }
}

private func testTables(_ files: FilesInMemory, _ path: String) throws {
    let sessions = try LoggedSessions(in: [.log(path)], files)
    let history = try NotificationHistory(inLogAt: path, files)
    for clock in clocks {
        let table = SessionTable(sessions: sessions, living: sessions.all.last?.id, isLastClean: false, clock: clock)
        for line in table.text { requireVisible(line) }
        for line in table.json(isTerminal: true) { requireJSON(line) }
        let notifications = NotificationTable(entries: history.entries, clock: clock)
        for line in notifications.text { requireVisible(line) }
        for line in notifications.json(isTerminal: true) { requireJSON(line) }
        let sent = SentTable(history.entries, pending: [:], clock: clock)
        for width in [nil, 80] {
            for line in sent.text(width: width, now: .now) { requireVisible(line) }
        }
        for line in sent.json(isTerminal: true) { requireJSON(line) }
    }
    _ = try? sessions.session("-1")
    for session in sessions.all { _ = try? sessions.session(session.id) }
}

private func requireVisible(_ text: String) {
    require(text.visible == text, "a terminal would act on it: \(text)")
}

private func requireJSON(_ text: String) {
    require((try? Payload(json: text)) != nil, "not JSON: \(text)")
    require(text.visibleJSON == text, "a terminal would act on it: \(text)")
}
