/// A pattern for names in which `*` stands for any text and `?` for any character. Upper and lower case are the same.
package struct Glob: Hashable, Sendable {
    private let pattern: [Character]

    package init(_ pattern: String) {
        self.pattern = Array(pattern.lowercased())
    }

    package func matches(_ name: String) -> Bool {
        let name = Array(name.lowercased())
        var (patternIndex, nameIndex) = (0, 0)
        var retry: (pattern: Int, name: Int)?
        while nameIndex < name.count {
            if patternIndex < pattern.count, pattern[patternIndex] == "*" {
                retry = (patternIndex + 1, nameIndex)
                patternIndex += 1
            } else if patternIndex < pattern.count,
                pattern[patternIndex] == "?" || pattern[patternIndex] == name[nameIndex]
            {
                patternIndex += 1
                nameIndex += 1
            } else if let star = retry {
                retry = (star.pattern, star.name + 1)
                (patternIndex, nameIndex) = (star.pattern, star.name + 1)
            } else {
                return false
            }
        }
        return pattern[patternIndex...].allSatisfy { $0 == "*" }
    }
}
