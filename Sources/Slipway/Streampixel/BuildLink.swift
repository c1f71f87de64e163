internal import SlipwayHTTP

/// Reads the link of a build as the service will: a direct download of a zip, without a login, a redirect or a page.
struct BuildLink {
    let url: URL
    /// What the host calls it.
    private let name: String
    /// It must give a zip; any other file is only as long as it should be.
    private let isBuild: Bool

    /// Checks the form only; nothing is sent.
    init(_ text: String?, field: String = "file_url", isBuild: Bool = true) throws(Failure) {
        guard let text, !text.isEmpty else {
            throw Failure(
                .invalidArgument, "\(field) is missing", hint: "Set \(field) in the request: the link that the service will download.")
        }
        guard let url = try URL(text) else {
            throw Failure(
                .invalidArgument, "\(field) is not an http or https URL",
                hint: "Give the whole link, such as https://downloads.example.com/MyGame-1.0.zip.")
        }
        guard !url.hasUserInfo else {
            throw Failure(
                .invalidArgument, "\(field) holds a user name or a password", hint: "The service cannot log in: the link must work without."
            )
        }
        guard !isBuild || url.path.lowercased().hasSuffix(".zip") else {
            throw Failure(
                .invalidArgument, "\(field)'s path does not end in .zip: \(url.redacted)",
                hint: "Streampixel takes direct links to .zip files only.")
        }
        self.url = url
        self.isBuild = isBuild
        name = field
    }

    /// HEAD, then the first four bytes. Throws with status FILE when the service could not use the link.
    func check(expectedSize: UInt64, _ http: HTTPClient, _ context: Context) async throws {
        context.report(Progress(.checking, isBuild ? "reading the link as Streampixel will" : "reading the link"), on: http.loop)
        var head = Request(.head, url.text)
        head.redirects = .report
        let answer = try await send(head, http, context)
        if !answer.refusesHead {
            try judge(answer, http, context)
            try compare(answer.contentLength, expectedSize)
        }

        // An empty file has no first byte to give.
        guard isBuild || expectedSize > 0 else { return }
        var start = Request(.get, url.text, headers: ["Range: bytes=0-3"])
        start.redirects = .report
        start.bodyLimit = 4
        start.stopsAtLimit = true
        let bytes = try await send(start, http, context)
        try judge(bytes, http, context)
        guard !isBuild || bytes.body.starts(with: [0x50, 0x4B, 0x03, 0x04]) else { throw notZip(bytes) }
        if answer.refusesHead { try compare(Self.wholeLength(bytes), expectedSize) }
    }

    /// Whether the link's file, of so many bytes, ends with these. True also when its server gives no parts of files: then that cannot be seen.
    func ends(with tail: [UInt8], size: UInt64, _ http: HTTPClient, _ context: Context) async throws -> Bool {
        let (start, isLonger) = size.subtractingReportingOverflow(UInt64(tail.count))
        guard !isLonger, !tail.isEmpty else { return false }
        var end = Request(.get, url.text, headers: ["Range: bytes=\(start)-\(size - 1)"])
        end.redirects = .report
        end.bodyLimit = tail.count
        end.stopsAtLimit = true
        let answer = try await send(end, http, context)
        try judge(answer, http, context)
        return Self.isPart(answer) ? answer.body == tail : true
    }

    /// Long enough for a server that is just being restarted behind its load balancer, short enough to be waited for.
    private static let hiccup = Duration.milliseconds(500)

    private func send(_ request: Request, _ http: HTTPClient, _ context: Context) async throws -> Response {
        var attempt = 0
        while true {
            attempt += 1
            do {
                let response = try await context.send(request, http)
                guard [429, 500, 502, 503, 504].contains(response.status), attempt < 2 else { return response }
                Log.warning("\(name), \(url.host) answers with HTTP \(response.status); reading the link once more")
                try await http.loop.sleep(until: .now + Self.hiccup)
            } catch let error as TransferFailure {
                let failure = Failure(error, to: "\(name), \(url.host)")
                // A link that fails once in a while will fail the service too, but one hiccup is nobody's fault.
                guard error.isRetriable, attempt < 2 else { throw failure }
                Log.warning("\(failure.message); reading the link once more")
            }
        }
    }

    private func judge(_ answer: Response, _ http: HTTPClient, _ context: Context) throws(Failure) {
        switch answer.status {
        case 200...299: return
        case 300...399:
            throw refused(answer, "redirects", "Give the link that the redirect leads to: Streampixel follows none.")
        case 401, 403:
            throw refused(answer, "asks for a login", "The link must be public, or signed and not expired.")
        case 404, 410:
            throw refused(answer, "is not there", "Check the link, and that the file has been stored under that name.")
        // An empty file has no range to give.
        case 416 where isBuild:
            throw refused(answer, "is not a zip file: it is empty", "Store the build again, and look at the file before.")
        default:
            throw refused(answer, "cannot be read", "The server of the link must answer a plain GET with the file.")
        }
    }

    private func refused(_ answer: Response, _ what: String, _ hint: String) -> Failure {
        Failure(
            .file, "\(name) \(what): \(url.redacted) (HTTP \(answer.status))", hint: hint, httpStatus: answer.status,
            isRetriable: answer.status >= 500)
    }

    private func notZip(_ answer: Response) -> Failure {
        let type = answer.header("content-type") ?? ""
        let isPage = answer.body.first == UInt8(ascii: "<") || type.lowercased().hasPrefix("text/html")
        return Failure(
            .file, "\(name) is \(isPage ? "a web page" : "not a zip file"): \(url.redacted)",
            hint: isPage
                ? "The link must give the file itself, not a page with a download button."
                : "The file must begin as a .zip does; a folder, a .7z or an empty file will not do.",
            httpStatus: answer.status)
    }

    private func compare(_ length: UInt64?, _ expected: UInt64) throws(Failure) {
        guard expected > 0, let length, length != expected else { return }
        throw Failure(
            .file, "\(name) has \(length) bytes, not \(expected): \(url.redacted)",
            hint: "Store the file again, or wait until it is there completely.")
    }

    /// Some storages say 200 although they give a part.
    private static func isPart(_ answer: Response) -> Bool { answer.status == 206 || answer.header("content-range") != nil }

    /// From "Content-Range: bytes 0-3/12345", or the length of an answer that ignored the range.
    private static func wholeLength(_ answer: Response) -> UInt64? {
        guard isPart(answer) else { return answer.contentLength }
        return answer.header("content-range")?.split(separator: "/").last.flatMap { UInt64($0) }
    }
}

extension Response {
    /// The answer to a HEAD says nothing: some storages refuse it, for a signed URL for one, and the first bytes decide then.
    var refusesHead: Bool { [400, 401, 403, 405, 501].contains(status) }
}
