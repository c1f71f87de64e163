internal import SlipwayHTTP
internal import SlipwayJSON

extension Streampixel {
    /// What an answer that is not 2xx means, and what to do about it.
    func refusal(_ response: Response, _ path: String) -> Failure {
        let text: String?
        do throws(Failure) { text = try Self.message(of: response, path) } catch { return error }
        let status = Self.status(response.status, text)
        var failure = Failure(
            status, "Streampixel, \(path): \(text ?? Self.wordless(response)) (HTTP \(response.status))",
            hint: text.flatMap { hint($0) } ?? Self.hint(for: status), httpStatus: response.status,
            isRetriable: [.server, .rateLimited, .notReady].contains(status))
        if status == .rateLimited {
            failure.retryAfter = response.retryAfter ?? text.flatMap { WaitingTime.read($0) } ?? settings.rateWindow
        } else if status == .server {
            failure.retryAfter = response.retryAfter
        }
        return failure
    }

    /// Every error of the service is {"message": "..."}; anything else comes from something in between. Throws when there is no memory to find out:
    /// what to do about a refusal is decided by its words.
    private static func message(of response: Response, _ path: String) throws(Failure) -> String? {
        let document: JSON
        do throws(JSON.ParseError) {
            document = try JSON(parsing: response.body)
        } catch {
            try error.throwIfOutOfMemory("reading Streampixel's answer to \(path)", httpStatus: response.status)
            return nil
        }
        guard let text = document.string("message") ?? document.string("error") else { return nil }
        let line = String(text.unicodeScalars.prefix(500))
        return line.isEmpty ? nil : line
    }

    private static func wordless(_ response: Response) -> String {
        if (300...399).contains(response.status) { return "redirected" }
        return response.body.isEmpty ? "an answer without a word" : "an answer that is not the service's own"
    }

    private static func status(_ http: Int, _ text: String?) -> Status {
        switch http {
        case 400 where text?.lowercased().holds("file has no url") == true: .notReady
        case 400, 422: .invalidArgument
        case 401: .unauthorized
        case 403: .forbidden
        case 404: .notFound
        case 429: .rateLimited
        case 408, 500...599: .server
        default: .protocol
        }
    }

    /// By what the service says.
    private func hint(_ text: String) -> String? {
        let text = text.lowercased()
        return Self.hints.first { text.holds($0.words) }?.hint
    }

    private static let hints: [(words: String, hint: String)] = [
        (
            "invalid api key",
            "The key is mistyped, or a newer one replaced it: make a new API key in the Streampixel dashboard and use that one everywhere."
        ),
        ("invalid user", "The user id does not belong to this API key: copy both from the same Streampixel account."),
        ("access denied", "This account does not own the project, or the project was disabled: check it in the dashboard."),
        ("forbidden", "This account does not own the project, or the project was disabled: check it in the dashboard."),
        ("project not found", "Check the project id: it must be one of this user's projects."),
        ("file not found in project", "Check the upload id: it must be a build of this very project."),
        ("file has no url", "The build is still being processed: wait for it to be approved, then distribute it."),
        (
            "rate limit",
            "Streampixel takes one such request per user in two minutes, over all projects: wait, and let one process do the releases."
        ),
        ("no webhook url", "Set a webhook URL for the project in the Streampixel dashboard."),
        ("required", "The service misses a value in the request: check the ids and the link that were given."),
        ("url", "The link must be direct: https, its path ends in .zip, no login, no redirect, best without a query."),
    ]

    private static func hint(for status: Status) -> String {
        switch status {
        case .unauthorized: "Check the API key and the user id."
        case .forbidden: "Check in the dashboard that this account may do this."
        case .notFound: "Check the ids and the base URL."
        case .rateLimited: "Wait and try again: the service takes one such request per user in two minutes."
        case .server: "The service has a problem of its own: try again later."
        case .invalidArgument: "Check the values that were given."
        default: "Check the base URL: something other than the service may have answered."
        }
    }
}
