// Lines from a body or a stream that arrives in pieces, in bounded memory however long a line claims to be.

import NeuraphageEvents

/// Cuts what arrives into lines.
package struct SubmittedLines {
    private let longest: Int
    private var beginning: [UInt8] = []
    private var isTooLong = false

    /// - Parameter longest: How many bytes a line may have.
    package init(longest: Int = InputLimits.lineBytes) {
        self.longest = longest
    }

    /// Hands over every line that ends in this piece. One that is too long is handed over as `nil`.
    package mutating func add(_ piece: UnsafeRawBufferPointer, _ body: ([UInt8]?) -> Void) {
        var start = 0
        while let newline = piece[start...].firstIndex(of: UInt8(ascii: "\n")) {
            let line = UnsafeRawBufferPointer(rebasing: piece[start..<newline])
            if beginning.isEmpty, !isTooLong, line.count <= longest {
                body(Array(line))
            } else {
                keep(line)
                deliver(body)
            }
            start = newline + 1
        }
        keep(UnsafeRawBufferPointer(rebasing: piece[start...]))
    }

    /// How many bytes it keeps of a line that has not ended.
    package var heldBytes: Int { beginning.count }

    /// Hands over what follows the last newline, if anything does.
    package mutating func end(_ body: ([UInt8]?) -> Void) {
        if !beginning.isEmpty || isTooLong { deliver(body) }
    }

    private mutating func keep(_ bytes: UnsafeRawBufferPointer) {
        if isTooLong || beginning.count + bytes.count > longest {
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
