// What a word that means nothing may have been meant to be.

package enum Suggestion {
    /// The word that is nearest to what was typed; `nil` if none is near.
    ///
    /// - Parameter distance: How far away it may be, in letters.
    package static func nearest(to typed: String, in words: [String], within distance: Int = 2) -> String? {
        let distances = words.map { (word: $0, distance: editDistance(typed, $0)) }
        let nearest = distances.min { $0.distance < $1.distance }
        return nearest.flatMap { $0.distance <= distance ? $0.word : nil }
    }
}

/// How many letters must be inserted, removed or replaced, or neighbours swapped, to turn one text into the other.
///
/// It costs the product of both lengths, so what is too long to be a word counts as far away from everything.
package func editDistance(_ first: String, _ second: String) -> Int {
    let longest = max(first.utf8.count, second.utf8.count)
    guard longest <= 256 else { return longest }
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
