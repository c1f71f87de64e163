import CZlib
import Testing

@Suite struct ZlibTests {
    init() throws { try #require(czlib_load(nil, 0) == 0) }

    @Test func isNewEnough() throws {
        #expect(String(cString: try #require(czlib_version())).hasPrefix("1."))
    }

    @Test func nothingLeavesTheChecksumAlone() {
        var crc: UInt32 = 0
        #expect(czlib_crc32(&crc, "123456789", 9))
        #expect(crc == 0xCBF4_3926)
        #expect(czlib_crc32(&crc, nil, 0))
        #expect(crc == 0xCBF4_3926)
    }
}
