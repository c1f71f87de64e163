import Testing

@testable import Slipway

struct ETagTests {
    private static let md5 = "d41d8cd98f00b204e9800998ecf8427e"

    @Test(arguments: [("\"\(md5)\"", md5), (md5, md5), ("W/\"\(md5)-3\"", "\(md5)-3"), ("\"0x8D\"", "0x8D")])
    func quotesAreTakenOff(text: String, expected: String) { #expect(ETag(text)?.text == expected) }

    @Test(arguments: [nil, "", "\"\"", "a b", "a\nb", "<Error>", String(repeating: "a", count: 257)])
    func whatIsNoneIsNone(text: String?) { #expect(ETag(text) == nil) }

    @Test func onlyHexIsMD5() {
        #expect(ETag(Self.md5)?.isMD5 == true)
        #expect(ETag("z\(Self.md5.dropFirst())")?.isMD5 == false)
        #expect(ETag("\(Self.md5)-2")?.isMD5 == false)
    }

    @Test(arguments: [
        ("\(md5)-1", 1), ("\(md5)-10000", 10_000), (md5, nil), ("\(md5)-", nil), ("\(md5)-x", nil), ("\(md5)-0", nil), ("a-2", nil),
        ("\(md5)-2-3", nil),
    ])
    func theNumberOfPartsIsRead(text: String, count: Int?) { #expect(ETag(text)?.partCount == count) }

    /// As AWS computes it; the expected text is from md5sum.
    @Test func anObjectOfPartsHasTheMD5OfTheirs() throws {
        let parts = try ["hello", "world"].map { ETag(md5: try Digest(.md5, of: $0.utf8)) }
        #expect(try ETag(ofParts: parts)?.text == "065947336a2f2a95ba8899f3675c3be6-2")
        #expect(try ETag(ofParts: parts + [try #require(ETag("no-md5"))]) == nil)
    }

    @Test func oneWayOfMakingThemIsNotComparedWithAnother() throws {
        let whole = try #require(ETag(Self.md5))
        let other = try #require(ETag("e41d8cd98f00b204e9800998ecf8427e"))
        let ofParts = try #require(ETag("\(Self.md5)-2"))
        #expect(whole.contradicts(other))
        #expect(!whole.contradicts(whole))
        #expect(!whole.contradicts(ofParts))
    }
}
