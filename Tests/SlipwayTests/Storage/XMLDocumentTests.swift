import Testing

@testable import Slipway

@Suite(.timeLimit(.minutes(1))) struct XMLDocumentTests {
    private func parse(_ text: String) throws -> XMLElement { try XMLDocument(parsing: Array(text.utf8)).root }

    private static let parts = """
        <?xml version="1.0" encoding="UTF-8"?>
        <ListPartsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
          <Bucket>builds</Bucket><Key> a &amp; b&#x20;</Key><UploadId>id</UploadId><IsTruncated>false</IsTruncated>
          <Part><PartNumber>1</PartNumber><ETag>&quot;aaaa&quot;</ETag><Size>5242880</Size></Part>
          <Part><PartNumber>2</PartNumber><ETag><![CDATA["b&b"]]></ETag><Size>17</Size></Part>
          <Owner/>
        </ListPartsResult>
        """

    @Test func anAnswerOfS3() throws {
        let root = try parse(Self.parts)
        #expect(root.name == "ListPartsResult" && root.text.isEmpty)
        #expect(root.text("Key") == " a & b ")
        #expect(root.all("Part").map { $0.text("ETag") } == ["\"aaaa\"", "\"b&b\""])
        #expect(root.all("Part").map { $0.text("Size") } == ["5242880", "17"])
        #expect(root["Owner"]?.text == "" && root["Owner"]?.children.isEmpty == true)
        #expect(root["Prefix"] == nil && root.text("Prefix") == nil && root.all("Prefix").isEmpty)
    }

    @Test func whiteSpaceMayComeFirst() throws {
        #expect(try parse("\r\n \t" + Self.parts) == parse(Self.parts))
        #expect(throws: XMLDocument.ParseError.self) { try parse("x" + Self.parts) }
    }

    @Test func prefixesOfNamespacesAreNotKept() throws {
        let root = try parse("<s3:Error xmlns:s3='http://s3.amazonaws.com/doc/2006-03-01/'><s3:Code>NoSuchKey</s3:Code></s3:Error>")
        #expect(root.name == "Error" && root.text("Code") == "NoSuchKey")
    }

    @Test func otherEncodingsBecomeUTF8() throws {
        #expect(
            try XMLDocument(parsing: Array("<?xml version='1.0' encoding='ISO-8859-1'?><a>".utf8) + [0xFC] + Array("</a>".utf8)).root.text
                == "ü")
        let wide = Array("<a>ü</a>".utf16).flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        #expect(try XMLDocument(parsing: [0xFF, 0xFE] + wide).root.text == "ü")
        #expect(try XMLDocument(parsing: [0xEF, 0xBB, 0xBF] + Array("<a>ü</a>".utf8)).root.text == "ü")
    }

    /// Entities that grow, that name files, that name themselves; and a DOCTYPE that does nothing.
    @Test(arguments: [
        "<!DOCTYPE a><a/>",
        "<!DOCTYPE a [<!ENTITY x \"xxxxxxxxxx\"><!ENTITY y \"&x;&x;&x;&x;&x;&x;&x;&x;\"><!ENTITY z \"&y;&y;&y;&y;&y;&y;\">]><a>&z;&z;&z;</a>",
        "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>",
        "<!DOCTYPE a SYSTEM \"http://127.0.0.1:1/a.dtd\"><a/>",
        "<!DOCTYPE a [<!ENTITY % x \"%x;\">%x;]><a/>",
    ])
    func doctypesAreRefused(text: String) throws {
        let error = try #require(throws: XMLDocument.ParseError.self) { try parse(text) }
        #expect(error.text == "it has a DOCTYPE")
    }

    @Test(arguments: [
        "", " ", "a", "<", "<a", "<a>", "</a>", "<a></b>", "<a/><b/>", "<a>&nbsp;</a>", "<a>&x;</a>", "<a b=1/>", "<a b='1' b='2'/>",
        "<a>\u{0}</a>",
        "<a>&#0;</a>", "<a>&#x110000;</a>", "<a>]]></a>", "<!-- -- --><a/>", "<?xml?><a/>",
        "<?xml version='1.0' encoding='nonsense'?><a/>", "{\"message\":\"no\"}", "<html><p>Bad Gateway<br></html>",
    ])
    func whatIsNoDocument(text: String) throws {
        let error = try #require(throws: XMLDocument.ParseError.self) { try parse(text) }
        #expect(!error.text.isEmpty && error.description.hasPrefix("not valid XML"))
    }

    @Test func badUTF8IsRefused() {
        for bytes: [UInt8] in [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xE2, 0x82]] {
            #expect(throws: XMLDocument.ParseError.self) { try XMLDocument(parsing: Array("<a>".utf8) + bytes + Array("</a>".utf8)) }
        }
    }

    @Test func anErrorQuotesNothing() throws {
        let error = try #require(throws: XMLDocument.ParseError.self) {
            try parse("<a><SecretAccessKey>wJalrXUtnFEMI</SecretAccessKye></a>")
        }
        #expect(!error.description.contains("wJalr") && !error.description.contains("Secret"))
        #expect(error.line == 1 && error.column > 1)
    }

    @Test func boundsHold() throws {
        func nested(_ depth: Int) -> String { String(repeating: "<a>", count: depth) + String(repeating: "</a>", count: depth) }
        #expect(try parse(nested(XMLDocument.maxDepth)).name == "a")
        #expect(throws: XMLDocument.ParseError.self) { try parse(nested(XMLDocument.maxDepth + 1)) }
        #expect(throws: XMLDocument.ParseError.self) { try parse(nested(200_000)) }

        func flat(_ count: Int) -> String { "<a>" + String(repeating: "<b/>", count: count - 1) + "</a>" }
        #expect(try parse(flat(XMLDocument.maxElements)).children.count == XMLDocument.maxElements - 1)
        #expect(throws: XMLDocument.ParseError.self) { try parse(flat(XMLDocument.maxElements + 1)) }

        func long(_ size: Int) -> [UInt8] { Array("<a>".utf8) + [UInt8](repeating: 0x78, count: size - 7) + Array("</a>".utf8) }
        #expect(try XMLDocument(parsing: long(XMLDocument.maxSize)).root.text.utf8.count == XMLDocument.maxSize - 7)
        #expect(throws: XMLDocument.ParseError.self) { try XMLDocument(parsing: long(XMLDocument.maxSize + 1)) }
    }

    @Test func manyAttributesAndLongNames() throws {
        let attributes = (0..<20_000).map { "a\($0)='x'" }.joined(separator: " ")
        #expect(try parse("<a \(attributes)/>").children.isEmpty)
        let name = String(repeating: "n", count: 100_000)
        #expect(try parse("<\(name)/>").name == name)
        #expect(try parse("<::/>").name == "")
    }

    /// Answers with bytes changed, lost, doubled and cut: whatever comes of it is a tree or an error.
    @Test(arguments: 0..<20)
    func damagedAnswers(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let original = Array(Self.parts.utf8)
        let pieces = ["<", ">", "</", "/>", "&", ";", "<!DOCTYPE a [", "<![CDATA[", "]]>", "&#x", "\u{0}", "<?xml", "\"", "ü"].map {
            Array($0.utf8)
        }
        var trees = 0
        for _ in 0..<500 {
            var bytes = original
            for _ in 0..<Int.random(in: 0...4, using: &generator) {
                guard let place = bytes.indices.randomElement(using: &generator) else { break }
                switch Int.random(in: 0..<5, using: &generator) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...20, using: &generator)))
                case 2: bytes.insert(contentsOf: pieces[Int.random(in: 0..<pieces.count, using: &generator)], at: place)
                case 3: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 30)], at: place)
                default: bytes.removeSubrange(place...)
                }
            }
            do {
                _ = try XMLDocument(parsing: bytes)
                trees += 1
            } catch is XMLDocument.ParseError {}
        }
        #expect((1..<500).contains(trees), "some are still well-formed, some are not")
    }
}
