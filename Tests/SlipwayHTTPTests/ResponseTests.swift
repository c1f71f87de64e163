import Testing

@testable import SlipwayHTTP

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

@Suite struct ResponseTests {
    init() throws { try Libraries.load() }

    private func response(_ lines: String...) -> Response {
        Response(status: 200, head: Array((["HTTP/1.1 200 OK"] + lines + ["", ""]).joined(separator: "\r\n").utf8))
    }

    @Test func aHeaderIsFoundInAnyCase() {
        let answer = response("Content-Type: text/html", "X-Empty:", "ETAG:\t \"a: b\" \t", "content-type: second")
        #expect(answer.header("content-type") == "text/html")
        #expect(answer.header("CONTENT-TYPE") == "text/html")
        #expect(answer.header("etag") == "\"a: b\"")
        #expect(answer.header("x-empty") == "")
        #expect(answer.header("content") == nil)
        #expect(answer.header("content-type2") == nil)
        #expect(answer.header("") == nil)
        #expect(Response(status: 200).header("a") == nil)
    }

    @Test func lineEndsMayBeBare() {
        #expect(Response(status: 200, head: Array("A: 1\nB: 2".utf8)).header("b") == "2")
    }

    @Test(arguments: [("0", 0), ("12345", 12_345), ("18446744073709551615", UInt64.max)])
    func contentLengthIsANumber(text: String, expected: UInt64) {
        #expect(response("Content-Length: \(text)").contentLength == expected)
    }

    @Test(arguments: ["", "-1", "1 2", "18446744073709551616", "0x10", "1.0"])
    func whatIsNoNumberIsNoContentLength(text: String) {
        #expect(response("Content-Length: \(text)").contentLength == nil)
    }

    @Test(arguments: [(199, false), (200, true), (201, true), (299, true), (300, false), (0, false)])
    func only2xxIsSuccess(status: Int, expected: Bool) {
        #expect(Response(status: status).isSuccess == expected)
    }

    @Test(arguments: [
        ("0", 0), ("120", 120), (" 7 ", 7), ("86400", 86_400), ("86401", 86_400), ("4294967295", 86_400), ("99999999999", 86_400),
    ])
    func retryAfterInSecondsIsADayAtTheMost(text: String, seconds: Int) {
        #expect(response("Retry-After: \(text)").retryAfter == .seconds(seconds))
    }

    @Test(arguments: ["", "soon", "-5", "two minutes"])
    func whatIsNoTimeIsNoRetryAfter(text: String) {
        #expect(response("Retry-After: \(text)").retryAfter == nil)
    }

    @Test func theServersClock() {
        #expect(response("Date: Wed, 21 Oct 2015 07:28:00 GMT").date == 1_445_412_480)
        for answer in [response(), response("Date: soon"), response("Date:")] { #expect(answer.date == nil) }
    }

    @Test func retryAfterMayBeADate() throws {
        #expect(response("Retry-After: Wed, 21 Oct 2015 07:28:00 GMT").retryAfter == .zero)
        let wait = try #require(response("Retry-After: \(Self.date(in: 600))").retryAfter)
        #expect(wait <= .seconds(600) && wait > .seconds(500))
        #expect(response("Retry-After: \(Self.date(in: 1_000_000))").retryAfter == .seconds(86_400))
        #expect(response().retryAfter == nil)
    }

    private static func date(in seconds: Int) -> String {
        var moment = time(nil) + seconds
        var parts = tm()
        gmtime_r(&moment, &parts)
        var text = [CChar](repeating: 0, count: 64)
        let length = strftime(&text, text.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
        return String(decoding: text.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    @Test func anyBytesMayBeAHead() {
        var generator = SeededGenerator(seed: 11)
        let bytes = Array("ab:\r\n \t".utf8) + [0, 0xFF, 0xC3]
        for _ in 0..<5_000 {
            let head = (0..<Int.random(in: 0...40, using: &generator)).map { _ in bytes.randomElement(using: &generator) ?? 0 }
            let value = Response(status: 200, head: head).header("ab")
            #expect(value.map { !$0.contains("\n") && !$0.hasPrefix(" ") && !$0.hasSuffix("\t") } ?? true)
        }
    }
}
