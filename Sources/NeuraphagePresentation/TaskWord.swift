// A task's name as an argument of np: marked as a name where np would read it as something else.

package enum TaskWord {
    /// What says that a word is a name, whatever it looks like.
    package static let literalPrefix = "task:"

    /// The name, such that every command of np takes it for that: not for an option, nor for a number of a list, nor for the
    /// task of this worktree.
    package static func typed(_ name: String) -> String {
        let isTaken =
            name == "." || name.hasPrefix("-") || name.hasPrefix("%") || name.hasPrefix(literalPrefix)
            || name.utf8.allSatisfy { 0x30...0x39 ~= $0 }
        return isTaken ? literalPrefix + name : name
    }
}
