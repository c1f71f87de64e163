internal import SlipwayHTTP
internal import SlipwayJSON

/// The Streampixel service: how it is asked, what may be repeated, and what its refusals mean. What it does is in the extensions.
///
/// Belongs to the client's loop.
package final class Streampixel {
    package struct Settings: Sendable {
        let baseURL: URL
        let key: String?
        let user: String?
        let rateWindow: Duration
        /// A key may be sent to the base URL.
        let isSafe: Bool
        let retry: Retry

        /// Throws when the base URL is malformed.
        init(_ configuration: Configuration) throws(Failure) {
            let text = configuration.streampixelBaseURL ?? Configuration.defaultBaseURL
            baseURL = try Configuration.baseURL(text, option: "streampixel_base_url", example: Configuration.defaultBaseURL)
            key = configuration.streampixelKey
            user = configuration.streampixelUser
            rateWindow = .milliseconds(configuration.rateWindow == 0 ? 120_000 : Int64(configuration.rateWindow))
            isSafe = configuration.isSafe(baseURL)
            retry = configuration.retry
        }
    }

    /// What may be done again after a failure.
    enum Repetition {
        /// Reading: after any failure that may pass.
        case anyTime
        /// Repeating it does no harm, but an answer is an answer: again only when none came, or the limit was hit.
        case whenUnanswered
        /// Again only when certainly nothing was sent.
        case whenUnsent
    }

    let http: HTTPClient
    let settings: Settings
    let governor: RateGovernor
    let waits = BuildWaits()
    private let sentHeaders = ["Content-Type: application/json", "Accept: application/json", "Expect:"]
    private let readHeaders = ["Accept: application/json"]
    private var bodyStart: [UInt8] = []

    init(_ http: HTTPClient, _ settings: Settings, governor: RateGovernor = .shared) {
        self.http = http
        self.settings = settings
        self.governor = governor
    }

    var loop: EventLoop { http.loop }

    // MARK: Asking

    /// A GET of `path` (percent-encoded) with the user and the key in its query.
    func get(_ path: String, _ parameters: [(String, String)] = [], _ context: Context) async throws -> Answer {
        let (key, user) = try credentials()
        let query = ([("userId", user)] + parameters + [("apikey", key)]).map { "\($0)=\(URL.encode($1))" }.joined(separator: "&")
        let request = Request(.get, "\(settings.baseURL.text)\(path)?\(query)", headers: readHeaders)
        return try await ask(request, path, .anyTime, context)
    }

    /// A POST of `members` with the user and the key to `path`.
    func post(_ path: String, _ members: KeyValuePairs<String, BodyValue>, _ repetition: Repetition, _ context: Context) async throws
        -> Answer
    {
        let (key, user) = try credentials()
        if bodyStart.isEmpty {
            bodyStart = Array("{\"apiKey\":".utf8) + key.asJSON + Array(",\"userId\":".utf8) + user.asJSON
        }
        // What every body begins with is written once.
        var body = bodyStart
        body.reserveCapacity(body.count + 128)
        for (name, value) in members {
            body += ",\"".utf8
            body += name.utf8
            body += "\":".utf8
            value.write(to: &body)
        }
        body.append(UInt8(ascii: "}"))
        var request = Request(.post, settings.baseURL.text + path, headers: sentHeaders, body: body)
        request.isOnlyOnce = repetition == .whenUnsent
        return try await ask(request, path, repetition, context)
    }

    func credentials() throws(Failure) -> (key: String, user: String) {
        guard let key = settings.key, !key.isEmpty else { throw Self.missing("streampixel_api_key", "STREAMPIXEL_API_KEY") }
        guard let user = settings.user, !user.isEmpty else { throw Self.missing("streampixel_user_id", "STREAMPIXEL_USER_ID") }
        guard settings.isSafe else {
            throw Failure(
                .insecure, "the API key is not sent over plain http to \(settings.baseURL.host)",
                hint: "Use an https base URL, or set allow_insecure if you know that nobody listens.")
        }
        return (key, user)
    }

    private static func missing(_ option: String, _ variable: String) -> Failure {
        Failure(
            .invalidArgument, "\(option) is missing", hint: "Set the client's option \(option) or the environment variable \(variable).")
    }

    private func ask(_ request: Request, _ path: String, _ repetition: Repetition, _ context: Context) async throws -> Answer {
        var attempt = 0
        while true {
            attempt += 1
            let failure: Failure
            let mayRepeat: Bool
            do {
                let response = try await context.send(request, http)
                context.operation.saw(response.body, http.configuration.redaction)
                if response.isSuccess { return Answer(response: response, path: path) }
                failure = refusal(response, path)
                mayRepeat = repetition == .anyTime ? failure.isRetriable : repetition == .whenUnanswered && failure.status == .rateLimited
            } catch let error as TransferFailure {
                failure = Failure(error, to: "\(settings.baseURL.host) (\(path))")
                mayRepeat = error.isRetriable && (repetition != .whenUnsent || !error.wasSent)
                if repetition == .whenUnsent && error.wasSent { throw Unanswered(failure: failure) }
            }
            guard mayRepeat else { throw failure }
            try await context.pause(after: attempt, failure, settings.retry, http)
        }
    }
}

/// A request that must not be made twice was sent, and what became of it is not known.
struct Unanswered: Error {
    let failure: Failure
}

extension Streampixel {
    /// A 2xx answer as it came. Decoding it takes time; where the operation does not need to look into it, the delivering thread does that.
    struct Answer: Sendable {
        let response: Response
        let path: String

        /// Throws when it is not a JSON object or array: a login page, an empty answer, half a document.
        func decoded() throws(Failure) -> Document {
            let json: JSON
            do {
                json = try JSON(parsing: response.body)
            } catch {
                try error.throwIfOutOfMemory("reading Streampixel's answer to \(path)", httpStatus: response.status)
                throw malformed(Self.what(response.body, error))
            }
            guard json.kind == .object || json.kind == .array else { throw malformed("is not a JSON document with members") }
            return Document(json: json, path: path, httpStatus: response.status)
        }

        private func malformed(_ what: String) -> Failure {
            Failure(
                .protocol, "Streampixel's answer to \(path) \(what) (HTTP \(response.status), \(response.body.count) bytes)",
                hint: "A proxy or a login page may have answered instead of the service: check the base URL, then try again.",
                httpStatus: response.status, isRetriable: true)
        }

        private static func what(_ body: [UInt8], _ error: JSON.ParseError) -> String {
            guard let first = body.first(where: { $0 > 0x20 }) else { return "is empty" }
            return first == UInt8(ascii: "<") ? "is HTML, not JSON" : "is not JSON: \(error.text)"
        }
    }

    /// A decoded answer.
    struct Document {
        let json: JSON
        let path: String
        let httpStatus: Int

        /// Throws with the member's name when `value` is not there.
        func require<Value>(_ value: Value?, _ member: String) throws(Failure) -> Value {
            guard let value else {
                throw Failure(
                    .protocol, "Streampixel's answer to \(path) has no \(member) (HTTP \(httpStatus))",
                    hint: "The service may have changed, or something else answered: check the base URL.", httpStatus: httpStatus,
                    isRetriable: true)
            }
            return value
        }
    }
}
