// The latest of many: a ring, so that adding one costs the same whether there are ten before it or a million.

/// The elements that were added last, at most so many.
package struct Latest<Element> {
    package let most: Int
    /// The elements; if there are as many as may be, the oldest is at `oldest`.
    private var ring: [Element] = []
    private var oldest = 0

    package init(atMost most: Int) {
        precondition(most > 0)
        self.most = most
    }

    package var count: Int { ring.count }
    package var isFull: Bool { ring.count == most }
    package var last: Element? { ring.isEmpty ? nil : ring[(oldest + ring.count - 1) % ring.count] }

    /// The elements, the oldest first.
    package var elements: [Element] { Array(ring[oldest...]) + ring[..<oldest] }

    /// Adds an element; the oldest goes if there are as many as may be.
    package mutating func append(_ element: Element) {
        guard isFull else { return ring.append(element) }
        ring[oldest] = element
        oldest = oldest + 1 == most ? 0 : oldest + 1
    }

    /// Takes out the elements for which a condition holds.
    package mutating func removeAll(where isMatch: (Element) -> Bool) {
        guard ring.contains(where: isMatch) else { return }
        (ring, oldest) = (elements.filter { !isMatch($0) }, 0)
    }

    /// The element that was added last of those for which a condition holds.
    package func last(where isMatch: (Element) -> Bool) -> Element? {
        for offset in 1..<max(1, ring.count + 1) {
            let element = ring[(oldest + ring.count - offset) % ring.count]
            if isMatch(element) { return element }
        }
        return nil
    }
}

extension Latest: Equatable where Element: Equatable {
    package static func == (left: Self, right: Self) -> Bool { left.elements == right.elements }
}

extension Latest: Hashable where Element: Hashable {
    package func hash(into hasher: inout Hasher) { hasher.combine(elements) }
}

extension Latest: Sendable where Element: Sendable {}
