import SlipwayHTTP
import SlipwayJSON

@testable import Slipway

extension Parser {
    @Sendable static func readXML(_ bytes: [UInt8]) throws {
        do {
            let document = try XMLDocument(parsing: bytes)
            try BrokenPromise.unless(depth(of: document.root) <= XMLDocument.maxDepth, "deeper than it may be")
            try BrokenPromise.unless(try XMLDocument(parsing: bytes) == document, "the same bytes are another document")
        } catch let error as XMLDocument.ParseError {
            try BrokenPromise.unless(!error.text.isEmpty, "a refusal without a reason")
        } catch let failure as Failure {
            throw BrokenPromise(description: failure.message)
        }
    }

    private static func depth(of element: XMLElement) -> Int { 1 + (element.children.map(depth).max() ?? 0) }

    /// An answer of a storage: two bytes for its status, then its head, an empty line, and its body.
    @Sendable static func readS3(_ bytes: [UInt8]) throws {
        guard bytes.count > 2 else { return }
        let statuses = [200, 204, 301, 307, 400, 403, 404, 409, 411, 412, 416, 429, 500, 501, 503, 507]
        let rest = bytes.dropFirst(2)
        let end = rest.indices.first { rest[$0...].starts(with: [0x0A, 0x0A]) } ?? rest.startIndex
        let body = Array(rest[end...].drop { $0 == 0x0A })
        let response = Response(status: statuses[Int(bytes[0]) % statuses.count], body: body, head: Array(rest[..<end]))
        if let error = try S3Error(in: response) {
            for region in [nil, "eu-central-1"] {
                let failure = error.failure("S3, PUT my-builds/MyGame.zip", region: region)
                try BrokenPromise.unless(failure.status != .ok && !failure.hint.isEmpty && isOneLine(failure.message), "\(failure)")
            }
            _ = (error.remedy, error.isRetriable)
        } else {
            try BrokenPromise.unless(response.isSuccess, "a refusal that is none")
        }
        guard let root = try? XMLDocument(parsing: body).root else { return }
        for part in root.all("Part") {
            guard let etag = ETag(part.text("ETag")) else { continue }
            try BrokenPromise.unless(ETag(etag.quoted) == etag, "an ETag reads as another one")
            _ = (etag.isMD5, etag.partCount, try? ETag(ofParts: [etag, etag]))
        }
        for upload in root.all("Upload") {
            let key = upload.text("Key").flatMap { PercentEncoding.decode($0) }
            let unfinished = UnfinishedUpload(key: key ?? "", id: "1", startedAt: upload.text("Initiated") ?? "", storageClass: nil)
            try promise(unfinished.started)
        }
    }

    private static func promise(_ time: Timestamp?) throws {
        // Before 1970 and after 9999 the nearest that can be written is.
        guard let time, (0..<253_402_300_800).contains(time.secondsSince1970) else { return }
        try BrokenPromise.unless(Timestamp(time.text) == time, "\(time.text) reads as another moment")
    }

    /// The short texts that storages answer with, and those that go into requests.
    @Sendable static func readStorageText(_ bytes: [UInt8]) throws {
        let text = String(decoding: bytes, as: UTF8.self)
        if let etag = ETag(text) {
            try BrokenPromise.unless(ETag(etag.quoted) == etag && !etag.contradicts(etag), "an ETag reads as another one: \(etag)")
            if let whole = try ETag(ofParts: [etag, etag]) { try BrokenPromise.unless(whole.partCount == 2, "two parts make \(whole)") }
            try BrokenPromise.unless(etag.partCount.map { $0 > 0 } ?? true, "no parts at all")
        }
        try promise(Timestamp(text))
        _ = PercentEncoding.decode(text)
        try BrokenPromise.unless(PercentEncoding.decode(URL.encode(text)) == text, "encoded, it is another text")
        let word = EncodedWord.encode(text)
        try BrokenPromise.unless(word.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }, "not ASCII: \(word)")
        if let name = HiddenName(text) {
            try BrokenPromise.unless(
                name.text == text && HiddenName(target: name.target, id: name.id)?.text == text, "another name: \(name)")
        }
        if let key = try orFailure({ try S3Key(text, prefix: "builds") }) {
            try BrokenPromise.unless(PercentEncoding.decode(key.encoded) == key.text, "encoded, it is another key")
            try BrokenPromise.unless(try URL("https://storage.example.com/\(key.encoded)") != nil, "a key without a URL: \(key.encoded)")
        }
        _ = try orFailure { try S3Endpoint(region: text, bucket: "my-builds") }
        if let endpoint = try orFailure({ try S3Endpoint(bucket: text) }) {
            try BrokenPromise.unless(try URL(endpoint.bucket().url) != nil, "a bucket without a URL: \(text)")
        }
    }

    /// ~/.aws/credentials.
    @Sendable static func readProfile(_ bytes: [UInt8]) throws {
        let file = ProfileFile(parsing: bytes)
        for name in ["default", "profile ci", "ci", ""] {
            for (key, value) in file.section(name) ?? [:] {
                try BrokenPromise.unless(
                    !key.isEmpty && !(key + value).utf8.contains { $0 == 0x0A || $0 == 0x0D }, "a value of more than a line")
                _ = try orFailure { try Credentials(accessKeyID: key, secretAccessKey: value, source: "a file") }
            }
        }
    }
}
