// The words of the command line: those that the argument parser sees, and the command at their end as it was typed.

import ArgumentParser
import NeuraphageSystem

extension CommandLine {
    /// How many words are parsed where the last ones are a command: many more than there are options before it. The
    /// argument parser takes a time that grows with the square of the words.
    private static let mostWords = 256

    /// The words to parse. Of a long command that is to be run, only the beginning: the rest can say nothing to np.
    static let parsedWords: [String] = {
        let words = Array(ProgramWords.text.dropFirst())
        let runs: [any ParsableCommand.Type] = [RunCommand.self, LockCommand.self]
        let isOfCommand = runs.contains { $0.configuration.commandName == words.first }
        return isOfCommand ? Array(words.prefix(mostWords)) : words
    }()

    /// The command at the end byte by byte: Swift's strings repair what is no UTF-8.
    ///
    /// - Parameter count: How many of its words have been parsed.
    static func bytes(ofCommandParsedTo count: Int) -> [[UInt8]] {
        Array(ProgramWords.bytes.dropFirst(1 + parsedWords.count - count))
    }
}
