// The canonical line: six keys, always in this order, null written out; then those that were read and are not known.

extension Event {
    /// Appends the event's line, without the newline.
    package func encode(into line: inout [UInt8]) {
        encode(payload: payload, others: others, into: &line)
    }

    /// Appends the event's line as it is logged, without the newline: its payload, and what isn't known of it, each cut to
    /// `limit` bytes, and before that, so that no half of one survives, without credentials if so wanted.
    package func encode(payloadLimit limit: Int, redactingCredentials: Bool, into line: inout [UInt8]) {
        func logged(_ payload: Payload) -> Payload {
            (redactingCredentials ? payload.redacted(madeByNP: kind.isReserved) : payload).limited(to: limit)
        }
        encode(payload: logged(payload), others: hasOthers ? logged(others) : others, into: &line)
    }

    private var hasOthers: Bool { others.json.utf8.count > 2 }

    private func encode(payload: Payload, others: Payload, into line: inout [UInt8]) {
        line.append(contentsOf: #"{"id":"#.utf8)
        id.encode(into: &line)
        line.append(contentsOf: #","kind":"#.utf8)
        kind.encode(into: &line)
        line.append(contentsOf: #","source_task":"#.utf8)
        Self.encode(source, into: &line)
        line.append(contentsOf: #","target_task":"#.utf8)
        Self.encode(target, into: &line)
        line.append(contentsOf: #","payload":"#.utf8)
        line.append(contentsOf: payload.json.utf8)
        line.append(contentsOf: #","timestamp":""#.utf8)
        timestamp.encode(into: &line)
        line.append(UInt8(ascii: "\""))
        if hasOthers {
            line.append(UInt8(ascii: ","))
            line.append(contentsOf: others.json.utf8.dropFirst().dropLast())
        }
        line.append(UInt8(ascii: "}"))
    }

    private static func encode(_ task: TaskID?, into line: inout [UInt8]) {
        if let task {
            JSONText.encode(task.description, into: &line)
        } else {
            line.append(contentsOf: "null".utf8)
        }
    }
}
