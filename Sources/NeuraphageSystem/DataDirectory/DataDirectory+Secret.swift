// The secret of a data directory. It never leaves the directory, so what is hashed with it elsewhere cannot be guessed by
// trying.

import NeuraphageEvents

extension DataDirectory {
    /// Hashes with the secret of this directory, which is made when it is first asked for; `nil` if it cannot be made or read,
    /// or is damaged.
    package var keyedHash: KeyedHash? {
        if let secret = storedSecret { return KeyedHash(secret: secret) }
        var generator = SystemRandomNumberGenerator()
        let secret = (0..<KeyedHash.secretBytes).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        // Of many processes that make one at once, the first wins. A draft has a name of its own, so none is ever shared.
        let draft = WholeFile.draft(of: self.secret) + "-" + StableHash.name(of: "\(secret)")
        defer { try? files.remove(draft) }
        _ = try? files.makeDirectories(path)
        try? files.write(secret, to: draft)
        try? files.rename(draft, withoutReplacing: self.secret)
        return storedSecret.map(KeyedHash.init)
    }

    private var storedSecret: [UInt8]? {
        guard let bytes = try? files.bytes(of: secret, atMost: KeyedHash.secretBytes),
            bytes.count == KeyedHash.secretBytes
        else { return nil }
        return bytes
    }
}
