internal import SlipwayHTTP

/// What a storage says when it refuses. What it means is in `S3Error+Meaning.swift`.
struct S3Error: Sendable, Equatable {
    let httpStatus: Int
    /// "NoSuchBucket"; nil when the answer has none, as the answer to a HEAD or one of a proxy.
    let code: String?
    /// The storage's own words, in one line of bounded length.
    let message: String?
    /// Where the bucket is, if the answer says so.
    let region: String?
    /// The host that it wants to be asked at.
    let endpoint: String?
    /// What the storage's own people look it up by.
    let requestID: String?
    let retryAfter: Duration?

    /// Nil when the answer is none: a 2xx whose body is not an error. CompleteMultipartUpload and copies may say 200 first and fail then; an
    /// answer that was cut off before it said so is not recognised here, but nor does it hold what a success does.
    ///
    /// Throws `Failure` when there is no memory to read it: what follows from a refusal is decided by its words.
    init?(in response: Response) throws {
        let root = try Self.root(of: response)
        if response.isSuccess {
            guard root?.name == "Error" else { return nil }
        }
        httpStatus = response.status
        // Some look-alikes wrap it, as AWS's other services do.
        let error = root?.name == "ErrorResponse" ? root?["Error"] ?? root : root
        let isError = error?.name == "Error"
        code = isError ? Self.word(error?.text("Code")) : nil
        message = isError ? Self.line(error?.text("Message")) : nil
        endpoint = isError ? Self.word(error?.text("Endpoint")) : nil
        region =
            (isError ? Self.word(error?.text("Region")) : nil) ?? Self.word(response.header("x-amz-bucket-region"))
            ?? endpoint.flatMap { Self.region(inHost: $0) }
        requestID = Self.word(response.header("x-amz-request-id")) ?? (isError ? Self.word(error?.text("RequestId")) : nil)
        retryAfter = response.retryAfter
    }

    /// Longer ones are pages of something else.
    private static let maxSize = 64 << 10

    private static func root(of response: Response) throws -> XMLElement? {
        guard !response.body.isEmpty, response.body.count <= maxSize else { return nil }
        return try XMLDocument.root(of: response.body)
    }

    /// Codes, regions, hosts and ids: anything else under their names is not shown.
    private static func word(_ text: String?) -> String? {
        guard let text, (1...128).contains(text.utf8.count) else { return nil }
        return text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"<>\"'\\".utf8.contains($0) } ? text : nil
    }

    private static func line(_ text: String?) -> String? {
        guard let text else { return nil }
        let words = text.unicodeScalars.prefix(500).split { $0.properties.isWhitespace || $0.value < 0x20 || $0.value == 0x7F }
        let line = words.map { String(String.UnicodeScalarView($0)) }.joined(separator: " ")
        return line.isEmpty ? nil : line
    }

    /// "eu-west-1" of "bucket.s3.eu-west-1.amazonaws.com" and of the older "bucket.s3-eu-west-1.amazonaws.com".
    private static func region(inHost host: String) -> String? {
        let labels = host.lowercased().split(separator: ".")
        guard let amazon = labels.firstIndex(of: "amazonaws"), amazon > 0 else { return nil }
        let label = labels[amazon - 1]
        if label.hasPrefix("s3-") { return label.utf8.count > 3 ? String(label.dropFirst(3)) : nil }
        return amazon > 1 && labels[amazon - 2] == "s3" ? String(label) : nil
    }
}
