import Testing

@testable import SlipwayJSON

@Suite struct BuildingTests {
    @Test func objectKeepsOrderAndLeavesNilOut() {
        let missing: JSON? = nil
        let value = JSON.object(["z": .string("1"), "a": missing, "m": .null, "b": .array([.integer(1), .bool(true)])])
        #expect(value.serialized() == #"{"z":"1","m":null,"b":[1,true]}"#)
        #expect(JSON.object([:]).serialized() == "{}")
    }

    @Test func objectFromASequence() {
        let pairs: [(String, JSON?)] = [("a", 1), ("b", nil), ("c", "x")]
        #expect(JSON.object(pairs).serialized() == #"{"a":1,"c":"x"}"#)
        #expect(JSON.object((0..<3).map { ("k\($0)", JSON.integer($0)) }).serialized() == #"{"k0":0,"k1":1,"k2":2}"#)
    }

    @Test func theLastOfTwoMembersOfOneNameCounts() {
        #expect(JSON.object(["a": 1, "a": 2]).serialized() == #"{"a":2}"#)
    }

    @Test func integersAreClamped() {
        #expect(JSON.integer(UInt64.max).integer == .max)
        #expect(JSON.integer(Int64.min).integer == .min)
        #expect(JSON.integer(UInt8(7)).serialized() == "7")
    }

    @Test func numbersThatJSONLacksAreNull() {
        #expect(JSON.number(.infinity).isNull)
        #expect(JSON.number(-.infinity).isNull)
        #expect(JSON.number(.nan).isNull)
        #expect(JSON.array([.number(.nan)]).serialized() == "[null]")
    }

    @Test(arguments: [0.1, -0.0, 1e308, .leastNonzeroMagnitude, 1.0 / 3, 2.5, 1e21, 123456789.123456789])
    func numbersReadBackAsTheyWere(number: Double) throws {
        let back = try JSON(parsing: JSON.number(number).utf8())
        #expect(back.kind == .number)
        #expect(back.number?.bitPattern == number.bitPattern)
    }

    @Test(arguments: [
        "", "plain", "\u{0}", "a\u{0}b", "\"\\/\n\t\u{1}\u{7f}", "é😀\u{FEFF}\u{10FFFF}", String(repeating: "x", count: 100_000),
    ])
    func stringsReadBackAsTheyWere(text: String) throws {
        #expect(JSON.string(text).string == text)
        #expect(try JSON(parsing: JSON.string(text).utf8()).string == text)
    }

    @Test func substringsAreStrings() {
        #expect(JSON.string("a/b/c".split(separator: "/")[1]).string == "b")
    }

    @Test func namesMayBeAnyString() throws {
        let names = ["", "é", "a\u{0}b", "a", "a/b~c"]
        let value = JSON.object(names.map { ($0, JSON.string($0)) })
        for name in names { #expect(value.string(name) == name) }
        #expect(value.members.map(\.key) == names)
        #expect(value.count == names.count)
    }

    @Test func literals() {
        let value: JSON = ["s": "x", "i": 1, "f": 1.5, "b": true, "n": nil, "a": [1, "two", [], [:]]]
        #expect(value.serialized() == #"{"s":"x","i":1,"f":1.5,"b":true,"n":null,"a":[1,"two",[],{}]}"#)
        #expect(("\(1)-\(2)" as JSON).string == "1-2")
    }

    @Test func addingCopies() {
        let base: JSON = ["a": 1]
        let more = base.adding("b", ["c": 2])
        #expect(base.serialized() == #"{"a":1}"#)
        #expect(more.serialized() == #"{"a":1,"b":{"c":2}}"#)
        #expect(more.adding("a", "new").serialized() == #"{"a":"new","b":{"c":2}}"#)
        #expect(base.adding("b", nil) == base)
        #expect(JSON.array([1]).adding("b", 2) == [1])
        #expect(JSON.null.adding("b", 2).isNull)
    }

    @Test func partsOutliveTheirDocument() throws {
        func part() throws -> JSON {
            let document = try JSON(parsing: #"{"deep":{"text":"still here"}}"#)
            return try #require(document["deep"])
        }
        let kept = try part()
        #expect(kept.string("text") == "still here")
        let wrapped = JSON.object(["raw": kept, "again": kept["text"]])
        #expect(wrapped.serialized() == #"{"raw":{"text":"still here"},"again":"still here"}"#)
    }

    @Test func detachedLeavesItsDocument() throws {
        var document: JSON? = try JSON(parsing: #"{"a":{"b":[1,2]}}"#)
        weak let tree = document?.tree
        let part = try #require(document?["a"]?.detached())
        document = nil
        #expect(tree == nil)
        #expect(part.serialized() == #"{"b":[1,2]}"#)
        #expect(JSON.bool(true).detached() == true)
        #expect(JSON.null.detached().isNull)
    }
}
