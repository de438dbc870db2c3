// Lines from a body or a stream that arrives in pieces, in bounded memory however long a line claims to be.

import NeuraphageEvents

/// Cuts what arrives into lines.
package struct SubmittedLines {
    private var beginning: [UInt8] = []
    private var isTooLong = false

    package init() {}

    /// Hands over every line that ends in this piece. One that is too long is handed over as `nil`.
    package mutating func add(_ piece: UnsafeRawBufferPointer, _ body: ([UInt8]?) -> Void) {
        var rest = piece[...]
        while let newline = rest.firstIndex(of: UInt8(ascii: "\n")) {
            keep(rest[..<newline])
            rest = rest[(newline + 1)...]
            deliver(body)
        }
        keep(rest)
    }

    /// Hands over what follows the last newline, if anything does.
    package mutating func end(_ body: ([UInt8]?) -> Void) {
        if !beginning.isEmpty || isTooLong { deliver(body) }
    }

    private mutating func keep(_ bytes: Slice<UnsafeRawBufferPointer>) {
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
