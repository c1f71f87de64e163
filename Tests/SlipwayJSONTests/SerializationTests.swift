import Testing

@testable import SlipwayJSON

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite struct SerializationTests {
    @Test func compactAndPretty() {
        let value: JSON = ["a": [1, nil], "b": [:]]
        #expect(value.serialized() == #"{"a":[1,null],"b":{}}"#)
        #expect(value.serialized(pretty: true) == "{\n  \"a\": [\n    1,\n    null\n  ],\n  \"b\": {}\n}")
        #expect(value.description == value.serialized())
        #expect(value.utf8(pretty: true) == Array(value.serialized(pretty: true).utf8))
    }

    @Test func anyKindMayStandAtTheTop() {
        #expect(JSON.null.serialized() == "null")
        #expect(JSON.bool(false).serialized() == "false")
        #expect(JSON.string("é\n").serialized() == "\"é\\n\"")
        #expect(JSON.null.utf8() == Array("null".utf8))
    }

    /// Around the size of the first attempt's buffer, and far beyond it.
    @Test(arguments: [4092, 4093, 4094, 4095, 4096, 4097, 10_000_000])
    func lengthsAroundTheBuffer(length: Int) {
        let text = String(repeating: "x", count: length)
        let bytes = JSON.string(text).utf8()
        #expect(bytes.count == length + 2)
        #expect(bytes.first == UInt8(ascii: "\"") && bytes.last == UInt8(ascii: "\""))
        #expect(JSON.string(text).serialized().utf8.count == length + 2)
    }

    @Test func whatIsReadIsWrittenAgain() throws {
        let text = #"{"z":[1,-2,0.5,1e+300,true,false,null,"\u0001\u001f\"\\/é"],"a":{"":{}}}"#
        // Reals are written with 17 digits, escapes in capitals.
        let written = #"{"z":[1,-2,0.5,1.0000000000000001e300,true,false,null,"\u0001\u001F\"\\/é"],"a":{"":{}}}"#
        #expect(try JSON(parsing: text).serialized() == written)
        #expect(try JSON(parsing: written) == JSON(parsing: text))
    }

    #if os(Linux)
        /// A host may have set a locale that writes 1,5. The thread's own locale is set here, so other tests do not notice.
        @Test(.enabled(if: SerializationTests.commaLocale != nil, "no locale with a decimal comma on this machine"))
        func decimalCommaOfTheHostDoesNotMatter() throws {
            let name = try #require(Self.commaLocale)
            let locale = try #require(newlocale(1 << LC_NUMERIC, name, nil))
            defer { freelocale(locale) }
            let previous = uselocale(locale)
            defer { uselocale(previous) }
            #expect(localeconv().pointee.decimal_point.pointee == CChar(UInt8(ascii: ",")))
            #expect(try JSON(parsing: "[1.5,-2.25e-3]").elements.map(\.number) == [1.5, -2.25e-3])
            #expect(JSON.array([1.5]).serialized() == "[1.5]")
            #expect(throws: JSON.ParseError.self) { try JSON(parsing: "1,5") }
        }

        /// The name of a locale with a decimal comma, if this machine has one.
        static let commaLocale: String? = ["de_DE.UTF-8", "de_DE", "fr_FR.UTF-8", "nl_NL.UTF-8", "pl_PL.UTF-8"].first { name in
            guard let locale = newlocale(1 << LC_NUMERIC, name, nil) else { return false }
            freelocale(locale)
            return true
        }
    #endif
}
