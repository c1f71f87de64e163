import Testing

@testable import Slipway

struct TimestampTests {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-11-21T17:04:47.000Z", 1_795_280_687), ("2024-02-29T23:59:59.123456Z", 1_709_251_199),
            ("2000-03-01T00:00:00Z", 951_868_800), ("9999-12-31T23:59:59Z", 253_402_300_799),
        ] as [(String, Int64)])
    func aMomentIsReadAndWritten(text: String, seconds: Int64) throws {
        let moment = try #require(Timestamp(text))
        #expect(moment.secondsSince1970 == seconds)
        #expect(moment.text == String(text.prefix(19)) + "Z")
    }

    @Test(arguments: [
        "", "2026-11-21", "2026-11-21T17:04:47", "2026-11-21T17:04:47+01:00", "2026-13-21T17:04:47Z", "2026-00-21T17:04:47Z",
        "2026-11-32T17:04:47Z", "2026-11-21T24:04:47Z", "2026-11-21 17:04:47Z", "-026-11-21T17:04:47Z", "２０２６-11-21T17:04:47Z",
    ])
    func whatIsNoMomentIsNone(text: String) { #expect(Timestamp(text) == nil) }

    @Test func everyBytesAreTaken() {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<20_000 {
            let count = Int.random(in: 0..<40, using: &generator)
            let bytes = (0..<count).map { _ in UInt8.random(in: 0x20...0x7F, using: &generator) }
            _ = Timestamp(String(decoding: bytes, as: UTF8.self))
        }
    }
}
