// Hashes of what must not be kept. The vectors are those of RFC 4231 and FIPS 180-4.

import NeuraphageEvents
import NeuraphagePlatform
import TestSupport
import Testing

@testable import NeuraphageSystem

@Suite("The secret of a data directory", .apart)
struct KeyedHashTests {
    private func hex(_ bytes: [UInt8]) -> String {
        bytes.map { (($0 < 16) ? "0" : "") + String($0, radix: 16) }.joined()
    }

    @Test("hashes as everyone else does")
    func vectors() {
        var hash = SHA256()
        hash.update("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8)
        #expect(hex(hash.digest()) == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
        let jefe = KeyedHash(secret: Array("Jefe".utf8))
        #expect(
            hex(jefe.digest(of: "what do ya want for nothing?".utf8))
                == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        )
        #expect(jefe.name(of: "what do ya want for nothing?".utf8) == "5bdcc146bf60754e")
        let long = KeyedHash(secret: [UInt8](repeating: 0xaa, count: 131))
        #expect(
            hex(long.digest(of: "Test Using Larger Than Block-Size Key - Hash Key First".utf8))
                == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        )
    }

    @Test("is made once, for its owner alone, and is another one elsewhere")
    func once() async throws {
        let directory = try TemporaryDirectory()
        let data = DataDirectory(directory("data"))
        let names = await withTaskGroup(of: String?.self) { group in
            for _ in 0..<20 { group.addTask { data.keyedHash?.name(of: "x".utf8) } }
            return await group.reduce(into: Set<String?>()) { $0.insert($1) }
        }
        #expect(names.count == 1 && names.first != .some(nil))
        #expect(try directory.names("data") == ["secret"])
        let status = try RealFileSystem().status(at: directory("data/secret"), followingLinks: false)
        #expect(status.permissions & 0o777 == 0o600 && status.size == 32)
        #expect(DataDirectory(directory("other")).keyedHash?.name(of: "x".utf8) != names.first ?? nil)
    }

    @Test("that is damaged hashes nothing, and stays")
    func damaged() throws {
        let directory = try TemporaryDirectory()
        try directory.write("short", to: "secret")
        #expect(DataDirectory(directory.path).keyedHash == nil)
        #expect(try directory.text("secret") == "short")
    }
}
