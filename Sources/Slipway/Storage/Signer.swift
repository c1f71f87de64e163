/// AWS's Signature Version 4 for S3 and everything that speaks like it. Pure: the time is an argument, and nothing is remembered.
package struct Signer: Sendable {
    /// What the signature says of the body.
    package enum Payload: Sendable, Equatable {
        /// The body's SHA-256.
        case hash(Digest)
        case empty
        /// Nothing: the body is protected by TLS, and need not be read before it is sent.
        case unsigned

        fileprivate var text: String {
            switch self {
            case .hash(let digest): digest.hex
            case .empty: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
            case .unsigned: "UNSIGNED-PAYLOAD"
            }
        }
    }

    /// How long a presigned URL may be good for: up to a week.
    package static let expiries = 1...604_800

    package let credentials: Credentials
    package let region: String

    private static let algorithm = "AWS4-HMAC-SHA256"

    package init(credentials: Credentials, region: String) {
        self.credentials = credentials
        self.region = region
    }

    /// Every header of the signed request, a line each, in the form that `Request` takes: `headers`, those that signing adds, and the signature.
    ///
    /// Each of `headers` is signed, but for those that proxies and libcurl may change on the way. Whoever sends the request adds none that begin
    /// with "x-amz-": S3 refuses those that are not signed.
    package func sign(
        _ method: String, _ resource: S3Resource, headers: [HeaderField] = [], payload: Payload, at time: SigningTime
    ) throws(Failure) -> [String] {
        var sent = headers.filter { !Self.isAdded($0.name) }
        sent.append(try HeaderField("x-amz-content-sha256", payload.text))
        sent.append(try HeaderField("x-amz-date", time.stamp))
        if let token = credentials.sessionToken { sent.append(try HeaderField("x-amz-security-token", token)) }

        let request = CanonicalRequest(
            method: method, resource, headers: sent.filter { !Self.isLeftOut($0.name) }, payload: payload.text)
        let signature = try signature(of: request, at: time)
        let credential = "\(credentials.accessKeyID)/\(scope(time))"
        sent.append(
            try HeaderField(
                "Authorization",
                "\(Self.algorithm) Credential=\(credential), SignedHeaders=\(request.signedHeaders), Signature=\(signature)"))
        return sent.map(\.line)
    }

    /// A URL that lets anybody make this one request, with exactly these headers, for `expires` seconds from `time` on. With a session token it
    /// ends when the token does.
    package func presign(
        _ method: String, _ resource: S3Resource, headers: [HeaderField] = [], expires: Int, at time: SigningTime
    ) throws(Failure) -> String {
        guard Self.expiries.contains(expires) else {
            throw Failure(
                .invalidArgument, "a presigned URL cannot be good for \(expires) seconds",
                hint: "S3 allows 1 second to 604,800, which is 7 days.")
        }
        let signed = headers.filter { !Self.isAdded($0.name) && !Self.isLeftOut($0.name) }
        let names = CanonicalRequest(method: method, resource, headers: signed, payload: "").signedHeaders
        var resource = resource
        resource.query += [
            QueryItem("X-Amz-Algorithm", Self.algorithm), QueryItem("X-Amz-Credential", "\(credentials.accessKeyID)/\(scope(time))"),
            QueryItem("X-Amz-Date", time.stamp), QueryItem("X-Amz-Expires", String(expires)), QueryItem("X-Amz-SignedHeaders", names),
        ]
        if let token = credentials.sessionToken { resource.query.append(QueryItem("X-Amz-Security-Token", token)) }
        let request = CanonicalRequest(method: method, resource, headers: signed, payload: Payload.unsigned.text)
        return "\(resource.url)&X-Amz-Signature=\(try signature(of: request, at: time))"
    }

    private func scope(_ time: SigningTime) -> String { "\(time.day)/\(region)/s3/aws4_request" }

    private func signature(of request: CanonicalRequest, at time: SigningTime) throws(Failure) -> String {
        let hash = try Digest(.sha256, of: request.text.utf8).hex
        let text = "\(Self.algorithm)\n\(time.stamp)\n\(scope(time))\n\(hash)"
        var key = Array("AWS4\(credentials.secretAccessKey)".utf8)
        for word in [time.day, region, "s3", "aws4_request"] { key = try Digest(hmacOf: word.utf8, key: key).bytes }
        return try Digest(hmacOf: text.utf8, key: key).hex
    }

    private static func isAdded(_ name: String) -> Bool { added.contains(name.lowercased()) }

    private static func isLeftOut(_ name: String) -> Bool { leftOut.contains(name.lowercased()) }

    /// What signing itself sets.
    private static let added: Set = ["authorization", "host", "x-amz-content-sha256", "x-amz-date", "x-amz-security-token"]

    /// What may be changed, added or taken away between here and the server.
    private static let leftOut: Set = [
        "baggage", "connection", "expect", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "traceparent", "tracestate",
        "trailer", "transfer-encoding", "upgrade", "user-agent", "x-amzn-trace-id",
    ]
}
