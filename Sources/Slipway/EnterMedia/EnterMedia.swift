internal import SlipwayHTTP
internal import SlipwayJSON

/// An EnterMediaDB server: how it is asked, and what its refusals mean. What it does is in the extensions.
///
/// Belongs to the client's loop.
package final class EnterMedia {
    package struct Settings: Sendable {
        /// Up to and with "/mediadb", without a slash behind. Nil: the host has given none.
        let baseURL: URL?
        let key: String?
        let user: String?
        let password: String?
        /// A key may be sent to the base URL.
        let isSafe: Bool
        let retry: Retry

        /// Throws when something in it is malformed.
        init(_ configuration: Configuration) throws(Failure) {
            if let text = configuration.enterMediaBaseURL, !text.isEmpty {
                let url = try Configuration.baseURL(
                    text, option: "entermedia_base_url", example: "https://dam.example.com/assets/mediadb")
                (baseURL, isSafe) = (url, configuration.isSafe(url))
            } else {
                (baseURL, isSafe) = (nil, true)
            }
            if let key = configuration.enterMediaKey, !key.isEmpty {
                guard Session.isKey(key) else {
                    throw Failure(
                        .invalidArgument, "entermedia_key is not a key of EnterMediaDB",
                        hint: "Give the entermediakey as the server's login answers it, without quotes and spaces.")
                }
                self.key = key
            } else {
                key = nil
            }
            user = configuration.enterMediaUser.flatMap { $0.isEmpty ? nil : $0 }
            password = configuration.enterMediaPassword
            retry = configuration.retry
        }
    }

    let http: HTTPClient
    let settings: Settings
    let session: Session

    init(_ http: HTTPClient, _ settings: Settings) {
        self.http = http
        self.settings = settings
        session = Session(settings.key)
    }

    var loop: EventLoop { http.loop }

    // MARK: Asking

    func get(_ path: String, _ context: Context) async throws -> Answer { try await ask(.get, path, context) }

    func post(_ path: String, _ body: [UInt8], _ context: Context) async throws -> Answer {
        try await ask(.post, path, body: body, context)
    }

    func put(_ path: String, _ body: [UInt8], _ context: Context) async throws -> Answer { try await ask(.put, path, body: body, context) }

    /// Removes what is at `path`. That it is not there any more is as good: a first attempt whose answer was lost may have done it.
    func remove(_ path: String, _ context: Context) async throws -> Document {
        let document = try await ask(.delete, path, context).decoded()
        if !document.isNotFound { try document.requireOK() }
        return document
    }

    /// Asks with the session's key; when that is refused, once more with a new one.
    func ask(_ method: Request.Method, _ path: String, body: [UInt8]? = nil, form: Form? = nil, _ context: Context) async throws -> Answer {
        var refused: Failure?
        while true {
            let key = try await key(context)
            var request = Request(
                method, try servicesURL() + path, headers: body == nil ? key.readHeaders : key.sentHeaders, body: body)
            request.form = form
            // A form's file cannot be taken back by libcurl, which repeats requests on connections that turn out to be dead.
            request.isOnlyOnce = form != nil
            do {
                return try await send(request, path, context)
            } catch let failure as Failure where failure.status == .unauthorized && refused == nil && canLogIn {
                refused = failure
                guard session.refuse(key) else { throw failure }
            }
        }
    }

    /// One request and, after failures that may pass, the same one again: nothing here does harm when it is done twice, since every id is known before.
    func send(_ request: Request, _ path: String, _ context: Context) async throws -> Answer {
        var request = request
        request.reportsRedirectTo = "/authentication/noaccess.json"
        var attempt = 0
        while true {
            attempt += 1
            let failure: Failure
            do {
                let response = try await context.send(request, http)
                context.operation.saw(response.body, http.configuration.redaction)
                let answer = Answer(response: response, path: path)
                if response.isSuccess && answer.looksLikeJSON { return answer }
                failure = refusal(answer)
            } catch let error as TransferFailure {
                failure = Failure(error, to: "EnterMediaDB, \(path)")
            }
            try await context.pause(after: attempt, failure, settings.retry, http)
        }
    }

    func servicesURL() throws(Failure) -> String {
        guard let baseURL = settings.baseURL else {
            throw Failure(
                .invalidArgument, "entermedia_base_url is missing",
                hint: "Set the client's option entermedia_base_url or the environment variable ENTERMEDIA_BASE_URL.")
        }
        guard settings.isSafe else {
            throw Failure(
                .insecure, "the EnterMedia key is not sent over plain http to \(baseURL.host)",
                hint: "Use an https base URL, or set allow_insecure if you know that nobody listens.")
        }
        return baseURL.text + "/services/"
    }
}
