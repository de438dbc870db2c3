// What a word that means nothing may have been meant to be.

package enum Suggestion {
    /// The word that is nearest to what was typed; `nil` if none is near.
    ///
    /// - Parameter distance: How far away it may be, in letters.
    package static func nearest(to typed: String, in words: [String], within distance: Int = 2) -> String? {
        let nearest = words.min { editDistance(typed, $0) < editDistance(typed, $1) }
        return nearest.flatMap { editDistance(typed, $0) <= distance ? $0 : nil }
    }
}

/// How many letters must be inserted, removed or replaced, or neighbours swapped, to turn one text into the other.
package func editDistance(_ first: String, _ second: String) -> Int {
    let (first, second) = (Array(first), Array(second))
    var rows = [Array(0...second.count)]
    for row in 0..<first.count {
        var current = [row + 1]
        for column in 0..<second.count {
            var least = min(
                rows[row][column] + (first[row] == second[column] ? 0 : 1),
                rows[row][column + 1] + 1,
                current[column] + 1
            )
            if row > 0, column > 0, first[row] == second[column - 1], first[row - 1] == second[column] {
                least = min(least, rows[row - 1][column - 1] + 1)
            }
            current.append(least)
        }
        rows.append(current)
    }
    return rows[first.count][second.count]
}
