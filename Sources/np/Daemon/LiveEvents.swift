// The daemon's stream: every event of the log, and the ephemeral ones in between (WHATWG HTML, "Server-sent events").

import NeuraphageConfiguration
import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageRequests

/// Events as the daemon streams them.
struct LiveEvents {
    let socketPath: String
    /// The filters as query parameters.
    let filters: [(name: String, value: String)]

    /// Hands over each event, and each gap in words, until the daemon ends.
    ///
    /// - Parameters:
    ///   - after: The event to go on behind; what is logged from now on if there is none.
    ///   - output: Where the events go; it ends as well when nobody reads there any more.
    func run(after: EventID?, output: Int32, visit: (Event) throws -> Void, gap: (String) -> Void) throws {
        let parameters = filters + (after.map { [("after", $0.description)] } ?? [])
        let query = parameters.map { "\($0.0)=\($0.1.percentEncoded)" }.joined(separator: "&")
        let target = query.isEmpty ? "/v1/events/stream" : "/v1/events/stream?\(query)"
        var answer = try DaemonConnection(socketPath: socketPath, "GET", target)
        guard answer.status == 200 else {
            let problem = try? Payload(json: try answer.body())
            throw OperationError(
                .failed,
                "the daemon refused to stream: \(problem?["error"]?.text ?? "status \(answer.status)")"
            )
        }
        answer.waitWithoutLimit()
        // What the stream puts around an event takes some room, too.
        var lines = SubmittedLines(longest: 2 * InputLimits.lineBytes)
        var isGap = false
        while true {
            try answer.wait(whileSomebodyReads: output)
            guard let bytes = try answer.next() else { return }
            var arrived: [String] = []
            bytes.withUnsafeBytes { bytes in
                lines.add(bytes) { line in if let line { arrived.append(String(decoding: line, as: UTF8.self)) } }
            }
            for line in arrived {
                if line.isEmpty { isGap = false }
                if line == "event: gap" { isGap = true }
                guard line.hasPrefix("data: ") else { continue }
                let data = String(line.dropFirst("data: ".count))
                if isGap { gap(Self.words(data)) } else { try visit(try Event(line: data)) }
            }
        }
    }

    private static func words(_ gap: String) -> String {
        let payload = try? Payload(json: gap)
        let missed = payload?["missed"].map { ", \($0.text) events missed" } ?? ""
        return (payload?["reason"]?.text ?? gap) + missed
    }
}

extension String {
    /// The text as it may stand in a query (RFC 3986, section 2.1).
    fileprivate var percentEncoded: String {
        let digits = Array("0123456789ABCDEF")
        return utf8.map { byte in
            let scalar = Unicode.Scalar(byte)
            if scalar.isASCII,
                scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || "-._~".contains(Character(scalar))
            {
                return String(scalar)
            }
            return "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
        }.joined()
    }
}
