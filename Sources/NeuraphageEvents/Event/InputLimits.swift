/// What one line may be at most: the same for the reader, for `np emit -` and for the daemon, and for what can be
/// constructed, so that whatever is written can be read.
///
/// Nothing here needs them but the length: nothing recurses, nothing builds a tree. They protect the programs that read
/// the log with a JSON library, which need 50 to 3,000 bytes for a value and often crash on deep nesting.
package enum InputLimits {
    /// The bytes of a line, and of a request body that holds one event.
    package static let lineBytes = 4 << 20
    /// How deep objects and arrays may lie in each other in a payload.
    package static let depth = 64
    /// How many values a payload may hold: itself, the members of objects and the elements of arrays, at every depth.
    package static let values = 100_000
    /// The characters of a number.
    package static let numberBytes = 1_024

    package static let lineTooLong = "the line is longer than \(lineBytes >> 20) MiB"
    static let tooDeep = "objects and arrays lie in each other more than \(depth) deep"
    static let tooManyValues = "there are more than \(values) values"
    static let numberTooLong = "a number has more than \(numberBytes) characters"
}
