import SlipwayJSON
import Testing

/// What becomes of a value that there was no memory for.
@Suite struct LossTests {
    init() throws { try JSON.load() }

    @Test func whatHasALostPartIsLost() {
        #expect(JSON.object(["id": "a", "name": .lost, "size": 1]).isLost)
        #expect(JSON.object([("id", "a"), ("name", .lost)]).isLost)
        #expect(JSON.array(["a", .lost, "b"]).isLost)
        #expect(JSON.object(["list": .array([.object(["name": .lost])])]).isLost)
        #expect(JSON.object(["id": "a"]).adding("name", .lost).isLost)
        #expect(JSON.lost.adding("name", "a").isLost && JSON.lost.detached().isLost)
    }

    @Test func whatIsThereIsNot() throws {
        #expect(!JSON.null.isLost && !JSON.object([]).isLost && !JSON.object(["a": nil, "b": .null]).isLost)
        #expect(!JSON.number(.nan).isLost && !JSON.array([1, 2.5, "c", true]).isLost)
        #expect(!(try JSON(parsing: #"{"a": null}"#)).isLost)
    }

    @Test func itReadsAsNullAndIsNotWritten() {
        #expect(JSON.lost.isNull && JSON.lost["a"] == nil && JSON.lost.members.isEmpty && JSON.lost.count == 0)
        #expect(throws: JSON.OutOfMemory.self) { try JSON.lost.encoded() }
        #expect(throws: JSON.OutOfMemory.self) { try JSON.object(["a": .lost]).encoded(pretty: true) }
        #expect(JSON.lost.serialized() == "null")
    }

    /// Redaction looks for secrets as jansson spells them, and bodies are put together without it.
    @Test func aTextIsWrittenAsJanssonDoes() {
        let all = String(decoding: (0..<0x300).flatMap { String(UnicodeScalar(UInt16($0)).map(Character.init) ?? " ").utf8 }, as: UTF8.self)
        for text in ["", "a", #"a"b\c/d"#, "\u{0}\u{1F}\u{7F}\n\r\t\u{8}\u{C}", "é€😀", all] {
            #expect(String(decoding: text.asJSON, as: UTF8.self) == JSON.string(text).serialized())
        }
    }
}
