import CCrypto
import Testing

@Suite struct CryptoTests {
    init() throws {
        var message = [CChar](repeating: 0, count: 512)
        let status = ccrypto_load(&message, message.count)
        try #require(status == 0, "\(String(decoding: message.map(UInt8.init(bitPattern:)), as: UTF8.self))")
    }

    @Test func loadsOnceAndIsNewEnough() throws {
        #expect(ccrypto_load(nil, 0) == 0)
        #expect(String(cString: try #require(ccrypto_version())).hasPrefix("OpenSSL 3"))
    }

    @Test func digestsOfNothing() {
        var digest = [UInt8](repeating: 0, count: 32)
        #expect(ccrypto_digest(CCRYPTO_SHA256, nil, 0, &digest))
        #expect(digest.starts(with: [0xE3, 0xB0, 0xC4, 0x42]))
        #expect(ccrypto_digest(CCRYPTO_MD5, nil, 0, &digest))
        #expect(digest.starts(with: [0xD4, 0x1D, 0x8C, 0xD9]))
        #expect(ccrypto_hmac_sha256(nil, 0, nil, 0, &digest))
        #expect(digest.starts(with: [0xB6, 0x13, 0x67, 0x9A]))
    }

    @Test func anotherAlgorithmIsRefused() {
        var digest = [UInt8](repeating: 7, count: 32)
        let none = ccrypto_algorithm(rawValue: 9)
        #expect(ccrypto_digest_size(none) == 0)
        #expect(!ccrypto_digest(none, nil, 0, &digest))
        #expect(ccrypto_hash_create(none) == nil)
        #expect(digest.allSatisfy { $0 == 7 })
    }

    @Test func noHashIsAnError() {
        var digest = [UInt8](repeating: 7, count: 32)
        #expect(!ccrypto_hash_update(nil, "abc", 3))
        #expect(!ccrypto_hash_finish(nil, &digest))
        ccrypto_hash_free(nil)
        #expect(digest.allSatisfy { $0 == 7 })
    }
}
