// A name for a task that nobody named: what it runs, and enough digits to tell two of them apart.

public import NeuraphageEvents

extension TaskID {
    /// A readable id that is most likely unused, such as `make-3f2a91c0` for `/usr/bin/make`.
    ///
    /// - Parameter command: The program that the task runs, with or without a path.
    public static func fresh(for command: String) -> TaskID {
        var generator = SystemRandomNumberGenerator()
        return fresh(for: command, using: &generator)
    }

    static func fresh(for command: String, using generator: inout some RandomNumberGenerator) -> TaskID {
        let number = String(UInt32.random(in: .min ... .max, using: &generator), radix: 16)
        let digits = String(repeating: "0", count: 8 - number.count) + number
        let name = (try? TaskID(readableName(of: command) + "-" + digits))
        return name ?? TaskID(stringLiteral: "run-" + digits)
    }

    /// The program's base name, plain letters only, of a length that one likes to read and type.
    private static func readableName(of command: String) -> String {
        let base = command.split(separator: "/").last ?? ""
        let plain = base.unicodeScalars.prefix(40).map { scalar -> Character in
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", ".", "_", "-": Character(scalar)
            default: "-"
            }
        }
        let trimmed = String(plain.drop(while: { $0 == "-" || $0 == "." }))
        return trimmed.isEmpty ? "run" : trimmed
    }
}
