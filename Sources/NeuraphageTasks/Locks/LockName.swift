// The name of a lock, and the name of its directory. The one is text that people choose, the other never has more than
// lower-case letters, digits and `-_.%` in it, and so means the same on every file system.

public import NeuraphageEvents

/// The name of a lock: printable text of 1 to 80 bytes.
public struct LockName: Hashable, Sendable, CustomStringConvertible {
    /// The name.
    public let description: String

    /// The lock of this name.
    ///
    /// - Throws: `NameError` if the name is empty, longer than 80 bytes of UTF-8, or contains a character that doesn't
    ///   print.
    public init(_ name: String) throws(NameError) {
        // Encoded, every byte may take three, and a file's name has 255.
        if let problem = Name.problem(with: name, of: "the name of the lock", atMost: 80) { throw problem }
        description = name
    }

    /// The lock that has this directory; `nil` if that is no lock's.
    init?(fileName: String) {
        var bytes: [UInt8] = []
        var rest = fileName.utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%") {
                guard let code = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else { return nil }
                rest = rest.dropFirst(2)
                bytes.append(code)
            } else {
                bytes.append(byte)
            }
        }
        guard let text = String(validating: bytes, as: UTF8.self), let name = try? LockName(text),
            name.fileName == fileName
        else { return nil }
        self = name
    }

    /// The name of its directory. Upper-case letters are encoded, too, because some file systems don't tell them apart.
    var fileName: String {
        description.utf8.enumerated().map { index, byte in
            Self.isPlain(byte) && !(index == 0 && byte == UInt8(ascii: "."))
                ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "-_.".utf8.contains(byte)
        }
    }
}
