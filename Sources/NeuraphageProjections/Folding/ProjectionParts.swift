// The parts of a projection. What a checkpoint has is decoded when it is asked for, and only what was touched is encoded
// for the next one.

/// The parts of what a projection has come to, by their keys. Keys may be any text, and are compared byte by byte: two may be
/// equal as strings.
package struct ProjectionParts<Part: ProjectionPart>: Sendable {
    /// A part that was decoded, or added.
    private struct Slot {
        var part: Part?
        var isTouched = false
    }

    private var slots: [Slot] = []
    private var positions: [PartKey: Int] = [:]
    /// Where the part of the empty key is, which many projections change with each event.
    private var unnamed: Int?
    private let stored: StoredParts
    /// The keys that there may be; `nil`: any.
    private let wanted: Set<PartKey>?
    /// Whether a stored part that was touched could not be decoded.
    private(set) var isDamaged = false

    /// - Parameter wanted: The keys that matter; others are as if nothing had ever been there. `nil`: all.
    init(_ stored: StoredParts = StoredParts(), of wanted: Set<String>? = nil) {
        self.stored = stored
        self.wanted = wanted.map { Set($0.map(PartKey.init)) }
    }

    /// The part with a key. A part that is empty is none.
    ///
    /// Reading one that a checkpoint has costs decoding it. Changing it does so the first time.
    package subscript(key: String) -> Part? {
        get {
            let key = PartKey(text: key)
            if let position = positions[key] { return slots[position].part }
            return stored.bytes(of: key).flatMap { stored.part(in: $0) }
        }
        _modify {
            if let position = position(of: key) {
                slots[position].isTouched = true
                defer { if slots[position].part?.isEmpty == true { slots[position].part = nil } }
                yield &slots[position].part
            } else {
                var nothing: Part?
                yield &nothing
            }
        }
    }

    /// The part with a key, or one to begin with.
    package subscript(key: String, default beginning: @autoclosure () -> Part) -> Part {
        get { self[key] ?? beginning() }
        _modify {
            if let position = position(of: key) {
                slots[position].isTouched = true
                var part = slots[position].part.take() ?? beginning()
                defer { slots[position].part = part.isEmpty ? nil : part }
                yield &part
            } else {
                var part = beginning()
                yield &part
            }
        }
    }

    /// The keys of the parts that there are, in no order. Costs a look at each.
    package var keys: [String] {
        let own = positions.compactMap { slots[$0.value].part == nil ? nil : $0.key.text }
        return own + stored.rows.map(stored.key).filter { positions[$0] == nil }.map(\.text)
    }

    private mutating func position(of text: String) -> Int? {
        guard text.isEmpty else { return position(of: PartKey(text: text)) }
        unnamed = unnamed ?? position(of: PartKey(text: text))
        return unnamed
    }

    private mutating func position(of key: PartKey) -> Int? {
        if let position = positions[key] { return position }
        if let wanted, !wanted.contains(key) { return nil }
        var slot = Slot()
        if let bytes = stored.bytes(of: key) {
            slot.part = stored.part(in: bytes)
            if slot.part == nil { isDamaged = true }
        }
        slots.append(slot)
        positions[key] = slots.count - 1
        return slots.count - 1
    }

    /// Decodes the parts that are wanted by name.
    mutating func decodeWanted() {
        for key in wanted ?? [] { _ = position(of: key) }
    }

    /// All parts, encoded: those that were not touched as they were.
    var encoded: StoredParts {
        var result = StoredParts()
        for (key, position) in positions where slots[position].isTouched {
            guard let part = slots[position].part else { continue }
            result.add(key) { part.encode(into: &$0) }
        }
        for row in stored.rows {
            let key = stored.key(of: row)
            if let position = positions[key], slots[position].isTouched { continue }
            result.add(copying: row, from: stored)
        }
        result.sort()
        return result
    }
}
