internal import SlipwayHTTP

/// A bucket of an S3-compatible storage: how it is asked, and what its refusals mean. What it does is in the extensions.
///
/// Belongs to the client's loop.
final class S3Bucket {
    /// What one request sends.
    enum Body {
        case none
        case bytes([UInt8])
        /// Of a file, with the SHA-256 of these bytes when the signature is to cover them.
        case slice(FileSlice, sha256: Digest?)
    }

    /// One request, as it is meant.
    struct Ask {
        let method: Request.Method
        let resource: S3Resource
        var headers: [HeaderField] = []
        var body = Body.none
        /// The answer may take minutes.
        var isPatient = false
        /// It changes what is there, and must not be made twice unless somebody has looked in between: libcurl repeats a request by itself when a
        /// connection that was kept open turns out to be dead.
        var isOnlyOnce = false
        /// The body is sent at once, without asking whether it is wanted: for who knows that it is.
        var goesAhead = false
        /// What it is for, for messages: "PUT my-builds/MyGame-1.0.zip".
        let label: String
    }

    let endpoint: S3Endpoint
    let http: HTTPClient
    let retry: Retry
    let context: Context
    private let signer: Signer
    /// As the storage sees it.
    private var clock = SigningClock()

    init(_ endpoint: S3Endpoint, _ credentials: Credentials, _ http: HTTPClient, _ retry: Retry, _ context: Context) {
        self.endpoint = endpoint
        self.http = http
        self.retry = retry
        self.context = context
        signer = Signer(credentials: credentials, region: endpoint.region)
        for secret in credentials.secrets { http.configuration.redaction.learn(secret) }
    }

    /// Asks, and asks again after failures that may pass: everything here may be done twice. Nil: the refusal is one that the caller can do with.
    func ask(_ ask: Ask, unless isExpected: (S3Error) -> Bool = { _ in false }) async throws -> Response? {
        var attempt = 0
        while true {
            attempt += 1
            switch try await askOnce(ask) {
            case .answer(let response): return response
            case .refusal(let error, let failure):
                guard !isExpected(error) else { return nil }
                try await pause(after: attempt, failure)
            case .silence(let failure):
                try await pause(after: attempt, failure)
            }
        }
    }

    /// What came of one request.
    enum Reply {
        case answer(Response)
        case refusal(S3Error, Failure)
        /// No answer came, or none that there was memory to read: what has become of the request is not known.
        case silence(Failure)
    }

    /// One request; a second one when the first was refused for this machine's clock.
    func askOnce(_ ask: Ask) async throws -> Reply {
        do {
            var response = try await send(ask)
            var error: S3Error?
            do { error = try S3Error(in: response) } catch let failure as Failure { return .silence(failure) }
            if error?.remedy == .clock, let date = response.date, clock.learn(serverTime: date) {
                Log.warning("the storage's clock is \(clock.skew) s ahead of this machine's: signing with its time")
                response = try await send(ask)
                do { error = try S3Error(in: response) } catch let failure as Failure { return .silence(failure) }
            }
            guard let error else { return .answer(response) }
            return .refusal(error, error.failure("S3, \(ask.label)", region: endpoint.region))
        } catch let error as TransferFailure {
            return .silence(Failure(error, to: "S3, \(ask.label)"))
        }
    }

    /// Waits before another attempt. Throws the failure when there is none.
    func pause(after attempt: Int, _ failure: Failure) async throws {
        // If this was the last one, its status is the operation's: not that of somebody who looked what has become of it.
        context.operation.httpStatus = failure.httpStatus
        try await context.pause(after: attempt, failure, retry, http)
    }

    private func send(_ ask: Ask) async throws -> Response {
        var headers = ask.headers
        var payload = Signer.Payload.empty
        if case .bytes(let bytes) = ask.body { payload = .hash(try Digest(.sha256, of: bytes)) }
        if case .slice(_, let sha256) = ask.body { payload = sha256.map { .hash($0) } ?? .unsigned }
        // libcurl would call it a form.
        if case .bytes = ask.body, !headers.contains(where: { $0.name == "Content-Type" }) {
            headers.append(try HeaderField("Content-Type", "application/xml"))
        }
        let lines = try signer.sign(
            ask.method.rawValue, ask.resource, headers: headers, payload: payload, at: SigningTime(secondsSince1970: clock.now))
        var request = Request(ask.method, ask.resource.url, headers: lines)
        switch ask.body {
        case .none: break
        case .bytes(let bytes): request.body = bytes
        case .slice(let slice, _): request.slice = slice
        }
        if ask.goesAhead { request.headers.append("Expect:") }
        request.redirects = .report
        request.isPathAsIs = true
        request.isPatient = ask.isPatient
        request.isOnlyOnce = ask.isOnlyOnce
        return try await context.send(request, http)
    }

    /// Of an object, for messages: "my-builds/MyGame-1.0.zip".
    func name(of key: S3Key) -> String { "\(endpoint.bucket)/\(key.text)" }

    /// A URL that lets anybody read an object until then.
    func presign(_ key: S3Key, seconds: Int) throws(Failure) -> (url: String, expires: Timestamp) {
        let now = clock.now
        let url = try signer.presign("GET", endpoint.object(key), expires: seconds, at: SigningTime(secondsSince1970: now))
        return (url, Timestamp(secondsSince1970: now.addingReportingOverflow(Int64(seconds)).partialValue))
    }

    /// The document of an answer. Throws PROTOCOL when it is not one with this root, or with its name as rclone has it, without "Result".
    func document(_ response: Response, _ root: String, _ label: String) throws -> XMLElement {
        let element = try XMLDocument.root(of: response.body)
        guard let element, element.name == root || "\(element.name)Result" == root else {
            throw Failure(
                .protocol, "S3, \(label): the answer is not the \(root) that it should be",
                hint: "Check the endpoint. A proxy or a login page may have answered instead of the storage.", httpStatus: response.status)
        }
        return element
    }
}
