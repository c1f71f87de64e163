import Testing

@testable import SlipwayJSON

@Suite struct PointerTests {
    /// The document of RFC 6901, section 5.
    static func document() throws -> JSON {
        try JSON(parsing: #"{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8}"#)
    }

    @Test(arguments: [
        ("/foo", #"["bar","baz"]"#), ("/foo/0", #""bar""#), ("/foo/1", #""baz""#), ("/", "0"), ("/a~1b", "1"), ("/c%d", "2"), ("/e^f", "3"),
        ("/g|h", "4"),
        ("/i\\j", "5"), ("/k\"l", "6"), ("/ ", "7"), ("/m~0n", "8"),
    ])
    func theExamplesOfTheStandard(pointer: String, expected: String) throws {
        #expect(try Self.document().at(pointer: pointer)?.serialized() == expected)
    }

    @Test func anEmptyPointerIsTheWhole() throws {
        let document = try Self.document()
        #expect(document.at(pointer: "") == document)
        #expect(JSON.integer(1).at(pointer: "") == 1)
    }

    @Test(arguments: [
        "foo", "#/foo", "/foo/", "/foo/2", "/foo/-", "/foo/00", "/foo/01", "/foo/+1", "/foo/-1", "/foo/1e0", "/foo/ 1", "/foo/0x0",
        "/foo/٠",
        "/foo/18446744073709551616", "/foo/9223372036854775807", "/foo/99999999999999999999999999", "/foo/0/0", "/foo/bar", "/m~n", "/m~2n",
        "/m~", "/a/b", "//",
        "/absent", "/foo\u{0}", "~",
    ])
    func whatLeadsNowhereIsNil(pointer: String) throws {
        #expect(try Self.document().at(pointer: pointer) == nil)
    }

    @Test func escapesAreUndoneOnceAndInOrder() throws {
        let value: JSON = ["~1": "tilde one", "/": "slash", "~": "tilde"]
        #expect(value.at(pointer: "/~01")?.string == "tilde one")
        #expect(value.at(pointer: "/~1")?.string == "slash")
        #expect(value.at(pointer: "/~0")?.string == "tilde")
    }

    @Test func nestedAndNonASCII() throws {
        let value = try JSON(parsing: #"{"bücher":[{"":{"titel":"Öl"}}]}"#)
        #expect(value.at(pointer: "/bücher/0//titel")?.string == "Öl")
    }

    @Test func aLongPointerIsNoTrouble() {
        #expect(JSON.array([[]]).at(pointer: String(repeating: "/0", count: 500_000)) == nil)
    }
}
