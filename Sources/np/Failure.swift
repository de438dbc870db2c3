import NeuraphageEvents

/// Why a command could not do its work: what is printed behind `np: `, and the exit code.
struct Failure: Error, CustomStringConvertible {
    let description: String
    var exitCode: Int32 = 1

    init(_ description: String, exitCode: Int32 = 1) {
        self.description = description
        self.exitCode = exitCode
    }
}
