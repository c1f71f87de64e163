import SlipwayJSON
import Testing

@testable import SlipwayHTTP

@Suite struct RedactionTests {
    init() throws { try Libraries.load() }

    @Test(arguments: [
        ("the key k3y-of-mine failed", "the key [redacted] failed"),
        ("k3y-of-mine", "[redacted]"),
        ("k3y-of-minek3y-of-mine", "[redacted][redacted]"),
        ("k3y-of-min", "k3y-of-min"),
        ("", ""),
        ("Grüße aus 東京", "Grüße aus 東京"),
    ])
    func aSecretGoesWhereverItStands(text: String, clean: String) {
        #expect(Redaction(secrets: ["k3y-of-mine"])(text) == clean)
    }

    @Test(arguments: [
        ("https://h/a.zip?sig=abc", "https://h/a.zip?[redacted]"),
        ("https://h/a.zip?sig=abc and more", "https://h/a.zip?[redacted] and more"),
        (#"{"url":"https://h/a.zip?sig=abc","x":"?y"}"#, #"{"url":"https://h/a.zip?[redacted]","x":"?y"}"#),
        ("<a href=https://h/?a>b</a>", "<a href=https://h/?[redacted]>b</a>"),
        ("https://user:pass@h/a.zip", "https://[redacted]@h/a.zip"),
        ("https://us@er:pa@ss@h/a.zip?q", "https://[redacted]@h/a.zip?[redacted]"),
        ("HTTPS://u:p@h:8080", "HTTPS://[redacted]@h:8080"),
        ("s3://bucket/key?X-Amz-Signature=1", "s3://bucket/key?[redacted]"),
        ("https://h/a@b.zip", "https://h/a@b.zip"),
        ("https://h?x@y", "https://h?[redacted]"),
        ("is it so? a://", "is it so? a://"),
        ("://?", "://?[redacted]"),
    ])
    func aURLLosesItsUserAndItsQuery(text: String, clean: String) {
        #expect(Redaction()(text) == clean)
    }

    @Test func aSecretGoesInTheSpellingsOfURLsAndJSON() {
        let secret = #"a/b+c="d\é"#
        let redaction = Redaction(secrets: [secret])
        #expect(redaction("x \(URL.encode(secret)) y") == "x [redacted] y")
        #expect(redaction("[\(JSON.string(secret).serialized())]") == #"["[redacted]"]"#)
        #expect(redaction(secret) == "[redacted]")
    }

    @Test func whatIsLearnedLaterGoesFromEveryCopy() {
        let redaction = Redaction(secrets: ["key-1234"], learns: true)
        let copy = redaction
        redaction.learn("key-1234-and-more")
        redaction.learn("s3ssion/x")
        #expect(copy("key-1234-and-more, key-1234, s3ssion%2Fx") == "[redacted], [redacted], [redacted]")
        #expect(copy.isNeeded(for: Array("a s3ssion/x b".utf8)))
        // A short text would garble everything and hide nothing; one that was made not to learn stays as it was.
        redaction.learn("a")
        #expect(copy("a") == "a")
        let stays = Redaction(secrets: ["key-1234"])
        stays.learn("s3ssion/x")
        #expect(stays("s3ssion/x") == "s3ssion/x")
    }

    /// A key that is replaced for ever must not make every search longer for ever: old ones are forgotten, new ones never.
    @Test func theLatestThatWereLearnedAreKept() {
        let redaction = Redaction(learns: true)
        for number in 0..<2_000 { redaction.learn("session-\(number)-") }
        #expect(redaction("session-1999- session-1990-") == "[redacted] [redacted]")
    }

    @Test func theLongestOfTwoGoes() {
        #expect(Redaction(secrets: ["abcd", "abcdefgh"])("abcdefgh abcd") == "[redacted] [redacted]")
    }

    @Test func shortTextsAreNoSecrets() {
        let redaction = Redaction(secrets: ["", "a", "abc"])
        #expect(redaction("a abc abcabc") == "a abc abcabc")
    }

    @Test func aSecretGoesInAURLToo() {
        let redaction = Redaction(secrets: ["s3cret/x"])
        #expect(redaction("https://h/s3cret/x/y") == "https://h/[redacted]/y")
        #expect(redaction("https://s3cret/x") == "https://[redacted]")
    }

    /// What ends a URL may stand in the middle of a secret.
    @Test(arguments: ["my se cret", "my\"secret", "my<secret>", "my\\secret"])
    func aSecretGoesThatReachesOverTheEndOfAURL(secret: String) {
        #expect(Redaction(secrets: [secret])("https://h/\(secret) end") == "https://h/[redacted] end")
    }

    @Test(arguments: [
        ("http://a,http://u:p@b/", "http://a,http://[redacted]@b/"),
        ("http://a/http://u:p@b/c?d", "http://a/http://[redacted]@b/c?[redacted]"),
        ("(http://a)(http://u:p@b)", "(http://a)(http://[redacted]@b)"),
    ])
    func aURLWithinAURLLosesItsUserToo(text: String, clean: String) {
        #expect(Redaction()(text) == clean)
    }

    /// Many services write a slash in JSON with a backslash before it.
    @Test func aURLInEscapedJSONLosesItsQuery() {
        let clean = Redaction()(#"{"fileUrl":"https:\/\/h\/a.zip?sig=abc"}"#)
        #expect(!clean.holds("sig=abc"), "\(clean)")
    }

    @Test func aSecretInEscapedJSONGoes() {
        let clean = Redaction(secrets: ["key/part+end"])(#"{"apiKey":"key\/part+end"}"#)
        #expect(!clean.holds("part+end"), "\(clean)")
    }

    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func nothingSecretIsLeftInGeneratedTexts(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let secrets = ["abab", "ababab", "key-1234", "with space", "a?bc", "x://y", "schlüssel"]
        let pieces =
            secrets + [
                "ab", "a", "key-", "1234", "with", " ", "space", "http://", "https://h/", "://", "?", "@", "/", "\"", "\\", "ü", "\n",
                "schl", "[redacted]",
            ]
        let redaction = Redaction(secrets: secrets)
        for _ in 0..<2_000 {
            let text = (0..<Int.random(in: 0...12, using: &generator)).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
            let clean = redaction(text)
            let left = secrets.filter { clean.holds($0) }
            guard left.isEmpty else {
                Issue.record("\(text.debugDescription) became \(clean.debugDescription), which holds \(left)")
                return
            }
        }
    }
}
