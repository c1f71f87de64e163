import Testing

@testable import SlipwayJSON

@Suite struct ParsingTests {
    @Test func everyKindMayStandAtTheTop() throws {
        #expect(try JSON(parsing: "null").kind == .null)
        #expect(try JSON(parsing: "true").bool == true)
        #expect(try JSON(parsing: "false").bool == false)
        #expect(try JSON(parsing: "42").integer == 42)
        #expect(try JSON(parsing: "4.5").number == 4.5)
        #expect(try JSON(parsing: #""text""#).string == "text")
        #expect(try JSON(parsing: "[]").kind == .array)
        #expect(try JSON(parsing: "{}").kind == .object)
    }

    @Test func blankLinesAndByteOrderMarkMayLead() throws {
        #expect(try JSON(parsing: "\r\n\n \t{\"a\":1}\n\n").integer("a") == 1)
        #expect(try JSON(parsing: "\u{FEFF}{\"a\":1}").integer("a") == 1)
        #expect(try JSON(parsing: [0xEF, 0xBB, 0xBF] + Array("\n[1]".utf8)).count == 1)
    }

    @Test(arguments: [
        "", " ", "\u{FEFF}", "{", "[1,]", "[1 2]", "{\"a\"}", "{a:1}", "'a'", "01", "+1", ".5", "1.", "1e", "nul", "True", "NaN",
        "[Infinity]", "\"a",
        "\"\\x\"", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"tab\there\"", "{} {}", "1 2", "[]x", "null\u{0}", "[1\u{0}]",
        "{\"a\":true\u{0}}", "\u{0}", "\u{FEFF}\u{FEFF}1", "<html>",
        "{\"nul\\u0000name\":1}",
    ])
    func whatIsNotJSONIsAnError(text: String) {
        #expect(throws: JSON.ParseError.self) { try JSON(parsing: text) }
    }

    @Test(
        arguments: [
            [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xC3], [0xE2, 0x82],
        ] as [[UInt8]])
    func invalidUTF8IsAnError(bytes: [UInt8]) {
        let quote = UInt8(ascii: "\"")
        #expect(throws: JSON.ParseError.self) { try JSON(parsing: [quote] + bytes + [quote]) }
        #expect(throws: JSON.ParseError.self) { try JSON(parsing: bytes) }
    }

    @Test func emptyBufferIsAnError() {
        #expect(throws: JSON.ParseError.self) { try JSON(parsing: UnsafeRawBufferPointer(start: nil, count: 0)) }
        #expect(throws: JSON.ParseError.self) { try JSON(parsing: [UInt8]()) }
    }

    @Test func bufferNeedNotEndInNUL() throws {
        let bytes = Array("[12]345".utf8)
        let value = try bytes.withUnsafeBytes { try JSON(parsing: UnsafeRawBufferPointer(rebasing: $0[..<4])) }
        #expect(value[0]?.integer == 12)
    }

    @Test func integersFit64Bits() throws {
        #expect(try JSON(parsing: "9223372036854775807").integer == .max)
        #expect(try JSON(parsing: "-9223372036854775808").integer == .min)
        let error = try #require(throws: JSON.ParseError.self) { try JSON(parsing: "[1,\n 9223372036854775808]") }
        #expect(error.line == 2)
        #expect(error.text.contains("integer"))
    }

    @Test func realsFitADouble() throws {
        #expect(throws: JSON.ParseError.self) { try JSON(parsing: "1e400") }
        #expect(throws: JSON.ParseError.self) { try JSON(parsing: "-1e400") }
        #expect(try JSON(parsing: "1e-400").number == 0)
        #expect(try JSON(parsing: "1.7976931348623157e308").number == .greatestFiniteMagnitude)
        #expect(try JSON(parsing: "5e-324").number == .leastNonzeroMagnitude)
    }

    @Test func minusZero() throws {
        #expect(try JSON(parsing: "-0").integer == 0)
        let real = try JSON(parsing: "-0.0")
        #expect(real.number?.sign == .minus)
        #expect(real.integer == 0)
        #expect(real.serialized() == "-0.0")
    }

    @Test func theLastOfTwoMembersOfOneNameCounts() throws {
        let value = try JSON(parsing: #"{"a":1,"b":2,"a":3}"#)
        #expect(value.integer("a") == 3)
        #expect(value.count == 2)
    }

    @Test func stringsMayContainNUL() throws {
        let value = try JSON(parsing: #"["a\u0000b"]"#)
        #expect(value[0]?.string == "a\u{0}b")
        #expect(value.serialized() == #"["a\u0000b"]"#)
    }

    @Test func escapesAreUndone() throws {
        #expect(try JSON(parsing: #""\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00""#).string == "\"\\/\u{8}\u{c}\n\r\té😀")
    }

    @Test func depthIsLimited() throws {
        func nested(_ depth: Int) -> String { String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
        func membered(_ depth: Int) -> String { String(repeating: "{\"a\":", count: depth) + "1" + String(repeating: "}", count: depth) }

        let deepest = try JSON(parsing: nested(2048))
        #expect(deepest.serialized() == nested(2048))
        #expect(try JSON(parsing: nested(2048)) == deepest)
        #expect(deepest.detached() == deepest)
        #expect(throws: JSON.ParseError.self) { try JSON(parsing: nested(2049)) }
        #expect(throws: JSON.ParseError.self) { try JSON(parsing: membered(2049)) }
        #expect(throws: JSON.ParseError.self) { try JSON(parsing: String(repeating: "[", count: 1_000_000)) }
        #expect(throws: JSON.ParseError.self) { try JSON(parsing: membered(1_000_000)) }
    }

    @Test func wrappedDeepDocumentIsStillFine() throws {
        var value = try JSON(parsing: String(repeating: "[", count: 2048) + String(repeating: "]", count: 2048))
        for _ in 0..<16 { value = .object([("raw", value)]) }
        #expect(value.utf8().count == 2 * 2048 + 16 * 8)
    }

    @Test func errorSaysWhere() throws {
        let error = try #require(throws: JSON.ParseError.self) { try JSON(parsing: "{\n  \"a\": 1,\n  <\n}") }
        #expect(error.line == 3)
        #expect(error.column == 3)
        #expect(error.position == 15)
        #expect(error.description.contains("line 3, column"))
        #expect(error.description.contains("'<'"))
    }

    @Test func errorSaysWhereANULIs() throws {
        let error = try #require(throws: JSON.ParseError.self) { try JSON(parsing: "[1,\n é\u{0}]") }
        #expect(error.line == 2)
        #expect(error.column == 3)
        #expect(error.position == 8)
    }

    @Test func positionCountsTheByteOrderMark() throws {
        let plain = try #require(throws: JSON.ParseError.self) { try JSON(parsing: "[?]") }
        let marked = try #require(throws: JSON.ParseError.self) { try JSON(parsing: "\u{FEFF}[?]") }
        #expect(marked.position == plain.position + 3)
    }

    @Test(arguments: [
        #"{"password":"hunter2" "x":1}"#, #"{"password":"hunter2"#, #"{"password":hunter2}"#, #"["a","hunter2":]"#, "[hunter2\u{0}]",
    ])
    func errorDoesNotQuoteSecrets(text: String) throws {
        let error = try #require(throws: JSON.ParseError.self) { try JSON(parsing: text) }
        #expect(!error.description.contains("hunter2"))
        #expect(!error.text.isEmpty)
    }
}
