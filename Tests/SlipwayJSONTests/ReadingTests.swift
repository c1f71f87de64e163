import Testing

@testable import SlipwayJSON

@Suite struct ReadingTests {
    let value: JSON = [
        "null": nil, "yes": true, "no": false, "int": 42, "real": 1.5, "whole": 5.0, "huge": 1e300, "text": "x", "list": [1, 2, 3],
        "map": ["k": "v"],
    ]

    @Test func kinds() {
        #expect(value.kind == .object)
        let kinds = value.members.map(\.value.kind)
        #expect(kinds == [.null, .bool, .bool, .integer, .number, .number, .number, .string, .array, .object])
        #expect(value["null"]?.isNull == true)
    }

    @Test func aReaderOfAnotherKindGivesNil() {
        for (key, member) in value.members {
            #expect((member.string != nil) == (key == "text"))
            #expect((member.bool != nil) == ["yes", "no"].contains(key))
            #expect((member.integer != nil) == ["int", "whole"].contains(key))
            #expect((member.number != nil) == ["int", "real", "whole", "huge"].contains(key))
            #expect(member.string == value.string(key))
            #expect(member.bool == value.bool(key))
            #expect(member.integer == value.integer(key))
            #expect(member.number == value.number(key))
        }
    }

    @Test func integersFromReals() throws {
        #expect(value.integer("whole") == 5)
        #expect(try JSON(parsing: "1e3").integer == 1000)
        #expect(try JSON(parsing: "9223372036854775808.0").integer == nil)
        #expect(try JSON(parsing: "-9223372036854775808.0").integer == .min)
        #expect(try JSON(parsing: "0.5").integer == nil)
    }

    @Test func numbersFromIntegers() {
        #expect(value.number("int") == 42)
        #expect(JSON.integer(Int64.max).number == 0x1p63)
    }

    @Test func whatIsMissingIsNil() {
        #expect(value["absent"] == nil)
        #expect(value.string("absent") == nil)
        #expect(value["tex"] == nil)
        #expect(value["text\u{0}"] == nil)
        #expect(value[""] == nil)
        #expect(value["text"]?["k"] == nil)
        #expect(value["list"]?["0"] == nil)
        #expect(value[0] == nil)
        #expect(JSON.null["a"] == nil)
        #expect(JSON.null[0] == nil)
    }

    @Test(arguments: [-1, 3, Int.max, Int.min])
    func indicesBeyondTheEndsGiveNil(index: Int) {
        #expect(value["list"]?[index] == nil)
    }

    @Test func elements() {
        #expect(value["list"]?.elements.map(\.integer) == [1, 2, 3])
        #expect(value["list"]?[2]?.integer == 3)
        #expect(value.elements.isEmpty)
        #expect(value["list"]?.members.isEmpty == true)
    }

    @Test func counts() {
        #expect(value.count == 10)
        #expect(value["list"]?.count == 3)
        #expect(value["text"]?.count == 0)
        #expect(JSON.null.count == 0)
    }

    @Test func membersStandInTheOrderOfTheDocument() throws {
        let keys = (0..<500).map { "key\(($0 * 7919) % 500)" }
        let text = "{" + keys.map { "\"\($0)\":0" }.joined(separator: ",") + "}"
        #expect(try JSON(parsing: text).members.map(\.key) == keys)
    }

    @Test func cStringLivesAsLongAsTheTree() throws {
        let document = try JSON(parsing: #"{"a":"text","n":1}"#)
        let pointer = try #require(document["a"]?.cString)
        withExtendedLifetime(document) {
            #expect(String(cString: pointer) == "text")
        }
        #expect(document.cString == nil)
        #expect(document["n"]?.cString == nil)
    }

    @Test func equality() throws {
        #expect(try JSON(parsing: #"{"a":1,"b":[true,null]}"#) == ["b": [true, nil], "a": 1])
        #expect(try JSON(parsing: "null") == JSON.null)
        #expect(JSON.null == nil as JSON)
        #expect(JSON.null != false)
        #expect(JSON.null != [])
        #expect(JSON.integer(1) != JSON.number(1))
        #expect(JSON.array([1, 2]) != [2, 1])
        #expect(JSON.string("a") != "a\u{0}")
    }
}
