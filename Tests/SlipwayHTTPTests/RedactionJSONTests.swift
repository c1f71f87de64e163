import SlipwayJSON
import Testing

@testable import SlipwayHTTP

/// Redaction of documents: the walk over the whole tree, and the short cut that looks at the text first.
@Suite struct RedactionJSONTests {
    init() throws { try Libraries.load() }

    private let redaction = Redaction(secrets: ["key-1234", "schlüssel/7"])

    /// As a client does it.
    private func shortCut(_ document: JSON) -> JSON { redaction.isNeeded(for: document.utf8()) ? redaction(document) : document }

    @Test(arguments: [
        "apiKey", "apikey", "APIKEY", "api_key", "password", "Password", "PASSWORD", "entermediakey", "entermediaKey", "Authorization",
        "token",
        "TOKEN", "secret", "SECRET", "cookie", "Cookie", "Set-Cookie", "SET-COOKIE",
    ])
    func aSecretMemberGoesWhateverItHolds(name: String) {
        let values: [JSON] = ["text", 7, 1.5, true, nil, ["a"], ["b": "c"]]
        for value in values {
            let document: JSON = ["before": 1, "inner": .array([.object([(name, value)])])]
            let expected: JSON = ["before": 1, "inner": .array([.object([(name, JSON.string(Redaction.mark))])])]
            #expect(redaction(document) == expected)
            #expect(shortCut(document) == expected)
        }
    }

    /// Some letters beyond ASCII become ASCII in lower case: the Kelvin sign becomes a k.
    @Test(arguments: ["to\u{212A}en", "api_\u{212A}ey", "entermedia\u{212A}ey", "set-coo\u{212A}ie"])
    func bothAgreeOnNamesThatOnlyLookAlike(name: String) {
        let document = JSON.object([(name, "x")])
        #expect(shortCut(document) == redaction(document))
    }

    @Test func theShortCutSparesCleanDocuments() {
        let document: JSON = ["uploadId": "b1", "status": "a: b / c", "tokens": 7, "list": [["name": nil, "at": "10:30"]]]
        #expect(!redaction.isNeeded(for: document.utf8()))
        #expect(!redaction.isNeeded(for: []))
    }

    @Test func spacesInTheTextDoNotHideAMember() {
        for text in [#"{"token" : "x"}"#, "{\"token\"\n:1}", "{\n  \"token\": 1\n}"] {
            #expect(redaction.isNeeded(for: Array(text.utf8)), "\(text)")
        }
    }

    @Test func textsAreCleanedWhereverTheyStand() {
        let document: JSON = ["a": ["x", ["url": "https://u:p@h/a.zip?sig=1"]], "b": "my key-1234", "n": 1, "t": true, "z": nil]
        let expected: JSON = [
            "a": ["x", ["url": "https://[redacted]@h/a.zip?[redacted]"]], "b": "my [redacted]", "n": 1, "t": true, "z": nil,
        ]
        #expect(redaction(document) == expected)
        #expect(shortCut(document) == expected)
    }

    @Test func aSecretInAMembersNameGoes() {
        let document: JSON = ["errors": ["key-1234": "unknown"]]
        #expect(!redaction(document).serialized().holds("key-1234"))
        #expect(!shortCut(document).serialized().holds("key-1234"))
    }

    @Test func aCleanDocumentStaysWhatItIs() {
        let document: JSON = ["keys": 1, "tokens": [1, 2.5], "name": "My game: the best?", "a\"b": "c\\d", "": "", "u": "a/b", "é": "東京"]
        #expect(redaction(document) == document)
        #expect(shortCut(document) == document)
    }

    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func theShortCutAgreesWithTheWalk(seed: UInt64) throws {
        var documents = DocumentGenerator(seed: seed)
        var (changed, unchanged) = (0, 0)
        for _ in 0..<1_500 {
            let document = documents.next()
            let walked = redaction(document)
            let short = shortCut(document)
            #expect(short == walked, "\(document) became \(short), not \(walked)")
            #expect(redaction(walked) == walked, "\(walked) is not clean after the first time")
            for leak in DocumentGenerator.leaks { #expect(!short.serialized().holds(leak), "\(document) became \(short)") }
            if short == document { unchanged += 1 } else { changed += 1 }
        }
        #expect(changed > 100 && unchanged > 100)
    }

    @Test func theDeepestDocumentIsCleaned() throws {
        let depth = 2_047
        let text = String(repeating: "[", count: depth) + #""key-1234""# + String(repeating: "]", count: depth)
        let clean = redaction(try JSON(parsing: text))
        #expect(clean.serialized() == text.replacing(needle: "key-1234", with: "[redacted]"))
    }
}

/// Documents of names and texts that are secret, nearly secret, or look like it.
private struct DocumentGenerator {
    /// In no clean document.
    static let leaks = ["key-1234", "schlüssel/7", "sig=", "user:pass", "hidden"]

    private static let secretNames = ["apiKey", "APIKEY", "api_key", "toKen", "Set-Cookie", "secret", "PASSWORD"]
    private static let names = ["id", "n", "token2", "my token", "k", "T", "", "é", "a\"", "apikey:", "url", "\n"]
    private static let texts = [
        "", "plain", "key-1234", "a key-1234 b", "https://h/a.zip?sig=1", "https://user:pass@h/", "schlüssel/7", "key-123", "a: b",
        "\"token\":", "http:/x",
        "\\", "\u{1}", "x?y", "://", "key", "\u{7F}", "C:\\x", "/", "token", "//h/p",
    ]
    private var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func next(depth: Int = 0) -> JSON {
        switch Int.random(in: depth == 0 ? 0...1 : 0...(depth > 3 ? 9 : 6), using: &generator) {
        case 0:
            return .object(
                (0..<Int.random(in: 0...3, using: &generator)).map { _ -> (String, JSON?) in
                    if Int.random(in: 0...9, using: &generator) == 0 { return (pick(Self.secretNames), "hidden") }
                    return (pick(Self.names), next(depth: depth + 1))
                })
        case 1: return .array((0..<Int.random(in: 0...3, using: &generator)).map { _ in next(depth: depth + 1) })
        case 2: return .integer(Int.random(in: -5...5, using: &generator))
        case 3: return [.null, true, false, 0.5].randomElement(using: &generator) ?? .null
        default: return .string(Bool.random(using: &generator) ? "plain" : pick(Self.texts))
        }
    }

    private mutating func pick(_ choices: [String]) -> String { choices.randomElement(using: &generator) ?? "" }
}

extension String {
    fileprivate func replacing(needle: String, with text: String) -> String {
        split(separator: needle, omittingEmptySubsequences: false).joined(separator: text)
    }
}
