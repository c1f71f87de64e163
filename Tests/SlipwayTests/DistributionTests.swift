import SlipwayHTTP
import SlipwayJSON
import Testing

@testable import Slipway

@Suite struct DistributionTests {
    init() throws { try Libraries.load() }

    private static let base = "https://cdn.example.com/x/services/distribution/published/d1/"

    /// What both shapes of the same distribution must come to.
    private static func normalForm(original: Bool, links: JSON) -> JSON {
        [
            "id": "d1", "assetId": "a1", "allowOriginal": .bool(original), "baseUrl": .string(base),
            "originalUrl": original ? .string(String(base.dropLast())) : nil, "links": links, "verified": nil, "raw": nil,
        ]
    }

    private static let image: JSON = ["largeimage": .string(base + "largeimage")]

    private static let documented: JSON = [
        "response": ["id": "d1", "status": "ok"], "data": ["id": "d1", "assetid": ["id": "a1", "name": ""]],
        "urls": ["baseurl": .string(base), "largeimage": .string(base + "largeimage")],
    ]

    private static func current(original: Bool) -> JSON {
        [
            "response": ["id": "d1", "status": "ok"], "assetid": "a1", "originalUrl": original ? .string(String(base.dropLast())) : nil,
            "presets": [["id": "largeimage", "name": "Image", "url": .string(base + "largeimage")]],
        ]
    }

    @Test(arguments: [false, true])
    func bothShapesComeToOneForm(original: Bool) throws {
        let expected = Self.normalForm(original: original, links: Self.image)
        for answer in [Self.documented, Self.current(original: original)] {
            let distribution = try #require(Distribution(created: answer, allowsOriginal: original))
            #expect(distribution.normalForm(raw: .null) == expected)
            #expect(distribution.firstLink?.url == (original ? String(Self.base.dropLast()) : Self.base + "largeimage"))
            #expect(distribution.firstLink?.isImage == !original)
        }
    }

    @Test func anUnknownAssetHasNoLinks() throws {
        let answer: JSON = ["response": ["id": "d1", "status": "ok"], "assetid": "nope", "presets": []]
        let distribution = try #require(Distribution(created: answer, allowsOriginal: false))
        #expect(distribution.firstLink == nil && distribution.baseURL == nil && distribution.links.isEmpty)
    }

    /// The spelling of a search's results is its own, and its flags are texts.
    @Test func aSearchsResultIsRead() throws {
        let found = try #require(
            Distribution(found: [
                "id": "d1", "assetId": "a1", "allowOrigin": "true", "originalUrl": .string(String(Self.base.dropLast())), "presets": [],
            ]))
        #expect(found.normalForm(raw: .null) == Self.normalForm(original: true, links: [:]))
        #expect(try #require(Distribution(found: ["id": "d1", "allowOrigin": "false"])).allowsOriginal == false)
        #expect(try #require(Distribution(found: ["id": "d1"])).allowsOriginal == nil)
    }

    @Test func aRecordIsRead() throws {
        let record: JSON = ["response": ["status": "ok"], "data": ["alloworiginal": "true", "assetid": ["id": "a1"], "id": "d1"]]
        let distribution = try #require(Distribution(record: record))
        #expect(distribution.assetID == "a1" && distribution.allowsOriginal == true && distribution.firstLink == nil)
    }

    @Test(
        arguments: [
            [:], ["response": ["id": "$data.id", "status": "not found"], "data": [:]], ["response": ["id": 7]], ["data": "d1"], [], "d1", 7,
            nil,
        ] as [JSON])
    func whatIsNoneIsNone(document: JSON) {
        #expect(Distribution(created: document, allowsOriginal: true) == nil)
        #expect(Distribution(record: document) == nil)
        #expect(Distribution(found: document) == nil)
    }

    /// Members of any kind in any place: nothing to read, and nothing to trip over.
    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func generatedDocumentsDoNoHarm(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let names = [
            "response", "id", "data", "assetid", "urls", "presets", "url", "baseurl", "originalUrl", "alloworiginal", "allowOrigin",
        ]
        func value(_ depth: Int) -> JSON {
            switch Int.random(in: 0...(depth > 0 ? 7 : 5), using: &generator) {
            case 0: return .null
            case 1: return .bool(.random(using: &generator))
            case 2: return .integer(Int.random(in: .min ... .max, using: &generator))
            case 3: return .string(["", "/", "$data.id", "d1", "https://h/"].randomElement(using: &generator) ?? "")
            case 4: return .number(1.5)
            case 5: return .string("true")
            case 6: return .array((0..<Int.random(in: 0...3, using: &generator)).map { _ in value(depth - 1) })
            default:
                return .object(
                    (0..<Int.random(in: 0...6, using: &generator)).map { _ in
                        (names.randomElement(using: &generator) ?? "", value(depth - 1))
                    })
            }
        }
        for _ in 0..<3_000 {
            let document = value(4)
            for distribution in [
                Distribution(created: document, allowsOriginal: true), Distribution(record: document), Distribution(found: document),
            ].compactMap({ $0 }) {
                #expect(distribution.normalForm(raw: document).string("id") == distribution.id)
            }
            _ = Asset(document)?.normalForm(raw: .null)
        }
    }
}
