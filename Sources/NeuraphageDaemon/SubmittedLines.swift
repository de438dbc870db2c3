// Lines out of a body that arrives in pieces, in bounded memory however long a line claims to be.

import NeuraphageEvents

/// Cuts what arrives into lines.
struct SubmittedLines {
    private var beginning: [UInt8] = []
    private var isTooLong = false

    /// Hands over every line that ends in this piece. One that is too long is handed over as `nil`.
    mutating func take(_ piece: UnsafeRawBufferPointer, _ body: ([UInt8]?) -> Void) {
        var rest = piece[...]
        while let newline = rest.firstIndex(of: UInt8(ascii: "\n")) {
            add(rest[..<newline])
            rest = rest[(newline + 1)...]
            deliver(body)
        }
        add(rest)
    }

    /// Hands over what stands behind the last newline, if anything does.
    mutating func end(_ body: ([UInt8]?) -> Void) {
        if !beginning.isEmpty || isTooLong { deliver(body) }
    }

    private mutating func add(_ bytes: Slice<UnsafeRawBufferPointer>) {
        if isTooLong || beginning.count + bytes.count > InputLimits.lineBytes {
            isTooLong = true
            beginning = []
        } else {
            beginning.append(contentsOf: bytes)
        }
    }

    private mutating func deliver(_ body: ([UInt8]?) -> Void) {
        body(isTooLong ? nil : beginning)
        beginning.removeAll(keepingCapacity: true)
        isTooLong = false
    }
}
