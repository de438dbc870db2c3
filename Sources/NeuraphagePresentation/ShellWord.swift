// A command's words as a person would type them, so that what the log says can be pasted into a shell.

package enum ShellWord {
    /// The word, in single quotes if a shell would read anything into it.
    package static func quoted(_ word: String) -> String {
        guard word.isEmpty || word.hasPrefix("~") || !word.utf8.allSatisfy(isPlain) else { return word }
        var quoted = "'"
        for character in word.unicodeScalars {
            if character == "'" { quoted += #"'\''"# } else { quoted.unicodeScalars.append(character) }
        }
        return quoted + "'"
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...:
            true
        default: "_-+=:,./@%~".utf8.contains(byte)
        }
    }
}
