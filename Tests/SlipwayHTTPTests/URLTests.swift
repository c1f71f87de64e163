import SlipwayJSON
import Testing

@testable import SlipwayHTTP

@Suite struct URLTests {
    init() throws { try Libraries.load() }

    @Test func partsAreTakenApart() throws {
        let url = try #require(URL("HTTPS://Downloads.Example.com:8443/My%20Game/1.0.ZIP?sig=a%20b&x#end"))
        #expect(url.text == "HTTPS://Downloads.Example.com:8443/My%20Game/1.0.ZIP?sig=a%20b&x#end")
        #expect(url.scheme == "https" && url.isSecure)
        #expect(url.host == "downloads.example.com")
        #expect(url.port == 8443)
        #expect(url.path == "/My%20Game/1.0.ZIP")
        #expect(url.query == "sig=a%20b&x")
        #expect(!url.hasUserInfo)
    }

    @Test func whatIsLeftOutHasItsDefault() throws {
        let plain = try #require(URL("http://h"))
        #expect(plain.port == 80 && plain.path == "/" && plain.query == nil && !plain.isSecure)
        #expect(URL("https://h")?.port == 443)
        #expect(URL("https://[2001:DB8::1]:8/")?.host == "2001:db8::1")
    }

    @Test(arguments: ["https://u@h/", "https://u:p@h/", "https://:p@h/", "https://u:@h/"])
    func userInfoIsNoticed(text: String) throws {
        #expect(try #require(URL(text)).hasUserInfo)
    }

    @Test(arguments: [
        "", " ", "h", "h/path", "/path", "//h/path", "ftp://h/", "file:///etc/passwd", "http://", "https://", "http:///",
        "javascript:alert(1)",
        "http://h/ x", "http://h/\n", "http://h/\u{7F}", " http://h/", "http://h/\u{0}", "http://h:0/", "http://h:65536/", "http://h:-1/",
        "http://h:x/", "http://[::1/", "http://a b/", "data:text/plain,x",
    ])
    func whatIsNoWebURLIsNone(text: String) {
        #expect(URL(text) == nil)
    }

    @Test func lengthIsLimited() {
        let start = "https://h/"
        #expect(URL(start + String(repeating: "a", count: 16_384 - start.utf8.count)) != nil)
        #expect(URL(start + String(repeating: "a", count: 16_385 - start.utf8.count)) == nil)
    }

    /// libcurl forgives one slash and three; the redaction does not know such a URL when it sees it.
    @Test(arguments: ["https:/u:p@h/a.zip?sig=hidden", "https:///u:p@h/a.zip?sig=hidden", "http:/h/a.zip?sig=hidden"])
    func aURLThatIsTakenIsRedacted(text: String) {
        guard let url = URL(text) else { return }
        #expect(!url.redacted.holds("hidden") && !url.redacted.holds("u:p"), "\(url.redacted)")
    }

    /// What ends a URL in a text does not end it here: no such character gets into one, or the query is found all the same.
    @Test(arguments: [
        "https://h/a\\b.zip?sig=hidden", "https://h/a\"b.zip?sig=hidden", "https://h/a<b>.zip?sig=hidden",
        "https://h/a.zip?x=\"&sig=hidden",
    ])
    func aURLWithOddCharactersIsRedacted(text: String) {
        guard let url = URL(text) else { return }
        #expect(!url.redacted.holds("hidden"), "\(url.redacted)")
    }

    @Test(arguments: [
        ("/b", "https://h/b"), ("c", "https://h/x/c"), ("../c?d", "https://h/c?d"), ("//other/p", "https://other/p"),
        ("?q", "https://h/x/y?q"),
        ("http://h2:81/p", "http://h2:81/p"), ("HTTPS://H/P", "https://H/P"),
    ])
    func aReferenceIsResolved(reference: String, expected: String) throws {
        let base = try #require(URL("https://h/x/y?a=b"))
        let resolved = try #require(try base.resolving(reference))
        #expect(resolved.scheme == URL(expected)?.scheme && resolved.host == URL(expected)?.host && resolved.port == URL(expected)?.port)
        #expect(resolved.path == URL(expected)?.path && resolved.query == URL(expected)?.query)
    }

    @Test(arguments: ["ftp://h/", "javascript:alert(1)", "file:///etc/passwd", "http://", "http://h:99999/", "\u{1}"])
    func aReferenceToSomethingElseIsNone(reference: String) throws {
        #expect(try #require(URL("https://h/x/y")).resolving(reference) == nil)
    }

    @Test(arguments: [
        "http://localhost/", "http://LOCALHOST:8080/", "http://api.localhost/", "http://127.0.0.1/", "http://127.1.2.3:81/",
        "http://[::1]:8080/",
        "http://127.1/", "http://[0:0:0:0:0:0:0:1]/",
    ])
    func theMachineItselfIsLoopback(text: String) throws {
        #expect(try #require(URL(text)).isLoopback)
    }

    @Test(arguments: [
        "http://localhost.example.com/", "http://127.0.0.1.example.com/", "http://127.example.com/", "http://notlocalhost/",
        "http://128.0.0.1/",
        "http://10.0.0.1/", "http://127.0.0.1@example.com/", "http://[::2]/", "http://example.com/127.0.0.1", "http://127.0.0.a/",
        "http://127.0..1.1/",
        "http://127.300.1.1/", "http://127.0.0.0.1/",
    ])
    func everythingElseIsNot(text: String) {
        #expect(URL(text)?.isLoopback != true)
    }

    @Test func encodingKeepsTheUnreservedOnly() {
        #expect(URL.encode("AZaz09-._~") == "AZaz09-._~")
        #expect(URL.encode("a b/c?d&e=f+g%") == "a%20b%2Fc%3Fd%26e%3Df%2Bg%25")
        #expect(URL.encode("é\u{0}") == "%C3%A9%00")
    }

    @Test func encodingCanBeUndone() {
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<2_000 {
            let text = String(
                decoding: (0..<Int.random(in: 0...20, using: &generator)).map { _ in UInt8.random(in: 0...255, using: &generator) },
                as: UTF8.self)
            let encoded = URL.encode(text)
            #expect(encoded.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"/?#&=+\"<>@:".utf8.contains($0) })
            var (decoded, bytes) = ([UInt8](), encoded.utf8[...])
            while let byte = bytes.popFirst() {
                guard byte == UInt8(ascii: "%") else {
                    decoded.append(byte)
                    continue
                }
                decoded.append(UInt8(String(decoding: bytes.prefix(2), as: UTF8.self), radix: 16) ?? 0)
                bytes = bytes.dropFirst(2)
            }
            #expect(String(decoding: decoded, as: UTF8.self) == text)
        }
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func whateverIsTakenIsAWebURL(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let pieces = [
            "http", "https", ":", "/", "//", "://", "h", "localhost", "127.0.0.1", "[::1]", "[", "]", "@", "?", "#", "%", "%00", "%2e",
            "..", ":80", ":99999", "é",
            "\u{0}", " ", "\\", "&", "a=b", "\u{301}", "ftp",
        ]
        func random() -> String {
            (0..<Int.random(in: 0...8, using: &generator)).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
        }
        let base = try #require(URL("https://h/x/y?a=b"))
        var taken = 0
        for _ in 0..<2_000 {
            let text = Bool.random(using: &generator) ? random() : "http://" + random()
            for url in [URL(text), try base.resolving(text)] {
                guard let url else { continue }
                taken += 1
                #expect(
                    ["http", "https"].contains(url.scheme) && !url.host.isEmpty && (1...65_535).contains(url.port),
                    "\(text.debugDescription)")
                #expect(url.path.utf8.first == UInt8(ascii: "/"), "\(text.debugDescription): \(url.path)")
            }
        }
        #expect(taken > 100)
    }
}

/// These have memory.
extension URL {
    fileprivate init?(_ text: String) {
        guard let url = try? URL(parsing: text) else { return nil }
        self = url
    }
}
