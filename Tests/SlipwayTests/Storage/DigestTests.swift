import Testing

@testable import Slipway

@Suite(.timeLimit(.minutes(1))) struct DigestTests {
    /// FIPS 180-4 and RFC 1321.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "d41d8cd98f00b204e9800998ecf8427e"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "900150983cd24fb0d6963f7d28e17f72"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1", "8215ef0796a20bcaaae116d3876c664a"
        ),
    ])
    func knownDigests(text: String, sha256: String, md5: String) throws {
        #expect(try Digest(.sha256, of: text.utf8).hex == sha256)
        #expect(try Digest(.md5, of: text.utf8).hex == md5)
    }

    /// RFC 4231, cases 1, 2, 3, 6 and 7.
    @Test(arguments: [
        ([UInt8](repeating: 0x0B, count: 20), Array("Hi There".utf8), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
        (
            Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            [UInt8](repeating: 0xAA, count: 20), [UInt8](repeating: 0xDD, count: 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        ),
        (
            [UInt8](repeating: 0xAA, count: 131), Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
        (
            [UInt8](repeating: 0xAA, count: 131),
            Array(
                "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm."
                    .utf8), "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
        ),
        ([], [], "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"),
    ])
    func knownSignatures(key: [UInt8], message: [UInt8], mac: String) throws {
        #expect(try Digest(hmacOf: message, key: key).hex == mac)
    }

    @Test func piecesAreTheWhole() throws {
        var generator = SeededGenerator(seed: 1)
        for size in [0, 1, 55, 56, 63, 64, 65, 1000, 100_003] {
            let bytes = (0..<size).map { _ in UInt8.random(in: 0...255, using: &generator) }
            for algorithm in [Digest.Algorithm.sha256, .md5] {
                let hash = try Hash(algorithm)
                var checksum = try CRC32()
                var rest = bytes[...]
                while !rest.isEmpty {
                    let piece = rest.prefix(Int.random(in: 1...max(1, size / 3), using: &generator))
                    try piece.withUnsafeBytes {
                        try hash.update($0)
                        checksum.update($0)
                    }
                    rest = rest.dropFirst(piece.count)
                }
                #expect(try hash.finish() == Digest(algorithm, of: bytes))
                var whole = try CRC32()
                bytes.withUnsafeBytes { whole.update($0) }
                #expect(checksum == whole)
            }
        }
    }

    /// The first ones open the library, from many threads at once.
    @Test func manyThreads() async throws {
        try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<64 { group.addTask { try Digest(hmacOf: "message".utf8, key: Array("key".utf8)).hex } }
            for try await mac in group { #expect(mac == "6e9ef29b75fffc5b7abae527d58fdadb2fe42e7219011976917343065f58ed4a") }
        }
    }

    @Test func checksums() throws {
        var checksum = try CRC32()
        #expect(checksum.value == 0 && checksum.base64 == "AAAAAA==")
        Array("123456789".utf8).withUnsafeBytes { checksum.update($0) }
        #expect(checksum.value == 0xCBF4_3926 && checksum.base64 == "y/Q5Jg==")
        checksum.update(UnsafeRawBufferPointer(start: nil, count: 0))
        #expect(checksum.value == 0xCBF4_3926)
    }

    /// RFC 4648.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
        ("~~~???", "fn5+Pz8/"),
    ])
    func base64(text: String, encoded: String) {
        #expect(Base64.encode(Array(text.utf8)) == encoded)
    }
}
