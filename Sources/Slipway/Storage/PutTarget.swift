internal import SlipwayHTTP

/// A URL that takes a file by one PUT: a presigned one, or that of any server that does.
///
/// Belongs to the client's loop.
final class PutTarget {
    let url: URL
    private let headers: [String]
    private let http: HTTPClient
    private let retry: Retry
    private let context: Context

    /// Checks the form only; nothing is sent.
    init(_ text: String, _ storage: Storage, _ http: HTTPClient, _ retry: Retry, allowsInsecure: Bool, _ context: Context) throws(Failure) {
        guard let url = try URL(text), !text.utf8.contains(UInt8(ascii: "#")) else {
            throw Failure(
                .invalidArgument, "put_url is not an http or https URL",
                hint: "Give the whole URL, such as https://uploads.example.com/MyGame-1.0.zip?signature=...")
        }
        guard !url.hasUserInfo else {
            throw Failure(
                .invalidArgument, "put_url holds a user name or a password", hint: "Give them in put_headers: \"Authorization: Basic ...\"."
            )
        }
        var headers: [String] = []
        for line in storage.putHeaders { headers.append(try Self.header(line, http.configuration.redaction)) }
        if let type = storage.contentType, !type.isEmpty { headers.append(try HeaderField("Content-Type", type).line) }
        if let disposition = storage.contentDisposition, !disposition.isEmpty {
            headers.append(try HeaderField("Content-Disposition", disposition).line)
        }
        guard url.isSecure || url.isLoopback || allowsInsecure || url.query == nil && storage.putHeaders.isEmpty else {
            throw Failure(
                .insecure, "what may be a key, in put_url or put_headers, is not sent over plain http to \(url.host)",
                hint: "Use an https URL, or set allow_insecure if you know that nobody listens.")
        }
        self.url = url
        self.headers = headers
        self.http = http
        self.retry = retry
        self.context = context
    }

    private static func header(_ line: String, _ redaction: Redaction) throws(Failure) -> String {
        guard let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")) else {
            throw Failure(
                .invalidArgument, "one of put_headers has no colon", hint: "Write \"Name: value\", such as \"x-ms-blob-type: BlockBlob\".")
        }
        let field: HeaderField
        do throws(Failure) {
            field = try HeaderField(String(line[..<colon]), String(line[line.utf8.index(after: colon)...]))
        } catch {
            throw Failure(error.status, "one of put_headers is none: \(error.message)", hint: error.hint)
        }
        guard !["host", "content-length", "transfer-encoding"].contains(field.name.lowercased()) else {
            throw Failure(
                .invalidArgument, "put_headers sets \(field.name), which follows from the URL and the file", hint: "Leave it out.")
        }
        redaction.learn(field.value)
        return field.line
    }

    /// Sends the file, whole, as often as it takes. Gives the ETag, if the server tells one.
    func put(_ slice: FileSlice) async throws -> ETag? {
        var request = Request(.put, url.text, headers: headers)
        request.slice = slice
        request.redirects = .report
        request.isPatient = true
        var attempt = 0
        while true {
            attempt += 1
            let failure: Failure
            do {
                let response = try await context.send(request, http)
                // Most of them are storages, and say in XML what they do not like.
                guard let error = try S3Error(in: response) else { return ETag(response.header("etag")) }
                failure = refusal(error)
            } catch let error as TransferFailure {
                failure = Failure(error, to: "PUT \(url.redacted)")
            }
            try await context.pause(after: attempt, failure, retry, http)
        }
    }

    private func refusal(_ error: S3Error) -> Failure {
        var failure = error.failure("PUT \(url.redacted)", region: nil)
        switch error.httpStatus {
        case 300...399: failure.hint = "Give the URL that this one leads to: a file is not sent twice."
        case 400...403: failure.hint = "Was the URL made for a PUT, with exactly these headers, and is it still good? Make a new one."
        case 404, 405, 501: failure.hint = "Check put_url: nothing takes a PUT there."
        default: break
        }
        return failure
    }
}
