import SlipwayHTTP
import SlipwayJSON

@testable import Slipway

extension Parser {
    /// The head of an answer: "Name: value" lines.
    @Sendable static func readHeader(_ bytes: [UInt8]) throws {
        let response = Response(status: 429, head: bytes)
        for name in ["etag", "location", "content-type", "date", "x-amz-bucket-region", ""] {
            guard let value = response.header(name) else { continue }
            try BrokenPromise.unless(!value.utf8.contains(0x0A), "a header's value has more than a line")
        }
        _ = (response.contentLength, response.date, response.refusesHead)
        if let wait = response.retryAfter { try promiseWait(wait) }
        if let etag = ETag(response.header("etag")) { try BrokenPromise.unless(ETag(etag.quoted) == etag, "an ETag reads as another one") }
        // What a host gives as a header of its own.
        let line = String(decoding: bytes, as: UTF8.self)
        let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, let field = try orFailure({ try HeaderField(parts[0], parts[1]) }) else { return }
        try BrokenPromise.unless(isOneLine(field.line) && isOneLine(field.canonicalValue), "a header with two lines: \(field.line)")
    }

    /// Retry-After, and the words of a refusal.
    @Sendable static func readWait(_ bytes: [UInt8]) throws {
        if let wait = WaitingTime.read(String(decoding: bytes, as: UTF8.self)) { try promiseWait(wait) }
        let head = Array("Retry-After: ".utf8) + bytes.filter { $0 != 0x0A } + Array("\r\n".utf8)
        if let wait = Response(status: 503, head: head).retryAfter { try promiseWait(wait) }
    }

    private static func promiseWait(_ wait: Duration) throws {
        try BrokenPromise.unless(wait >= .zero && wait <= .seconds(86_400), "a wait of \(wait)")
    }

    /// A URL up to the first line end, and behind it a redirect from there.
    @Sendable static func readURL(_ bytes: [UInt8]) throws {
        let lines = bytes.split(separator: 0x0A, maxSplits: 1, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
        guard let text = lines.first else { return }
        _ = try orFailure { try BuildLink(text) }
        _ = try orFailure { try BuildLink(text, isBuild: false) }
        _ = try orFailure { try S3Endpoint(endpoint: text, bucket: "my-builds") }
        guard let url = try URL(text) else { return }
        try promise(url)
        guard lines.count > 1, let next = try url.resolving(lines[1]) else { return }
        try promise(next)
    }

    private static func promise(_ url: URL) throws {
        try BrokenPromise.unless(isOneLine(url.text) && url.path.hasPrefix("/") && !url.host.isEmpty, "not a URL: \(url.text)")
        try promiseRedacted(url, in: url.redacted)
        try promiseRedacted(url, in: URL.redact("see \(url.text) for more"))
        guard let again = try URL(url.redacted) else { return }
        try BrokenPromise.unless(again.host == url.host && again.port == url.port, "\(url.text) leads elsewhere without its secrets")
        _ = url.isLoopback
    }
}
