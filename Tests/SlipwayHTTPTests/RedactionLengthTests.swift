import SlipwayJSON
import Testing

@testable import SlipwayHTTP

/// What a service sends must not decide how long a host waits: twice the text takes twice the time, whatever is in it.
@Suite(.timeLimit(.minutes(1))) struct RedactionLengthTests {
    init() throws { try Libraries.load() }

    @Test(arguments: ["://", ":\\/\\/", "://a@", "http://h/"])
    func aTextOfBeginningsOfURLsIsReadOnce(beginning: String) {
        let text = String(repeating: beginning, count: 40_000)
        let clean = Redaction(secrets: ["s3cr3t"])(text + "?s3cr3t")
        #expect(!clean.holds("s3cr3t") && clean.hasSuffix("?[redacted]"))
    }

    @Test(arguments: [":/", "http:/", "\":", "\": "])
    func aDocumentOfColonsIsReadOnce(text: String) {
        let document = JSON.array([.string(String(repeating: text, count: 40_000))]).utf8()
        _ = Redaction().isNeeded(for: document)
        #expect(Redaction().isNeeded(for: document + Array("http://h?x".utf8)))
    }
}
