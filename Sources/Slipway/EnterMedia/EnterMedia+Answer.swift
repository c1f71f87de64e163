internal import SlipwayHTTP
internal import SlipwayJSON

extension EnterMedia {
    /// A 2xx answer as it came. Its Content-Type says nothing: what it is, its content says.
    struct Answer: Sendable {
        let response: Response
        let path: String

        /// Whether it begins as JSON does, behind the blank lines of the server's templates. A server that is still starting answers with a page.
        var looksLikeJSON: Bool {
            guard let first = response.body.first(where: { $0 > 0x20 }) else { return false }
            return first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
        }

        /// Throws when it is not a JSON object, and when it is one that says no.
        func decoded() throws(Failure) -> Document {
            guard let json = try EnterMedia.json(in: response, path), json.kind == .object else { throw malformed("is not JSON") }
            if json.text("errorcode") == "403" || json.integer("errorcode") == 403 { throw EnterMedia.unauthorized(path, response.status) }
            // What a GET to something that wants a POST gets: a proxy that turned one into the other is in between.
            if let error = json.text("error") { throw malformed("is \"\(error)\"") }
            return Document(json: json, path: path, httpStatus: response.status)
        }

        func malformed(_ what: String) -> Failure {
            Failure(
                .protocol, "EnterMediaDB's answer to \(path) \(what) (HTTP \(response.status), \(response.body.count) bytes)",
                hint: "The server may be starting, or something else answered: check the base URL, then try again.",
                httpStatus: response.status, isRetriable: true)
        }
    }

    /// A decoded answer.
    struct Document {
        let json: JSON
        let path: String
        let httpStatus: Int

        /// "ok", "not found" and others; some answers have none.
        var status: String? { json["response"]?.text("status")?.lowercased() }

        var isNotFound: Bool { status == "not found" || status == "notfound" }

        /// Throws when the server says anything but that it did what it was asked for.
        func requireOK() throws(Failure) {
            guard status != "ok" else { return }
            let said = json["response"]?.text("details") ?? json["response"]?.text("message") ?? status ?? "nothing"
            throw Failure(
                .protocol, "EnterMediaDB's answer to \(path) is not ok: \(said.prefix(500)) (HTTP \(httpStatus))",
                hint: "Look into the server's log, and check that the base URL ends in /mediadb.", httpStatus: httpStatus)
        }

        /// Throws with the member's name when `value` is not there.
        func require<Value>(_ value: Value?, _ member: String) throws(Failure) -> Value {
            guard let value else {
                throw Failure(
                    .protocol, "EnterMediaDB's answer to \(path) has no \(member) (HTTP \(httpStatus))",
                    hint: "The server may be of another version, or something else answered: check the base URL.", httpStatus: httpStatus,
                    isRetriable: true)
            }
            return value
        }
    }

    // MARK: Refusals

    /// What an answer that is no 2xx, or no JSON, means.
    func refusal(_ answer: Answer) -> Failure {
        do throws(Failure) { return try Self.refusal(answer) } catch { return error }
    }

    private static func refusal(_ answer: Answer) throws(Failure) -> Failure {
        let response = answer.response
        switch response.status {
        case 200...299:
            let isPage = response.body.first { $0 > 0x20 } == UInt8(ascii: "<")
            return answer.malformed(response.body.isEmpty ? "is empty" : isPage ? "is a web page, not JSON" : "is not JSON")
        case 301, 302, 307, 308, 401, 403: return unauthorized(answer.path, response.status)
        case 400, 422:
            return Failure(
                .invalidArgument,
                "EnterMediaDB refuses \(answer.path): \(try details(of: answer) ?? "an answer without a word") (HTTP \(response.status))",
                hint: "Check the values that were given; the server's log says more.", httpStatus: response.status)
        case 404:
            // Not "not found": of what it does not have, the server says so with 200.
            return Failure(
                .protocol, "EnterMediaDB has nothing at \(answer.path) (HTTP 404)",
                hint: "Check the base URL: it must go up to and with \"/mediadb\".", httpStatus: 404)
        case 413:
            return Failure(
                .file, "EnterMediaDB, or a proxy in front of it, does not take a file so large (\(answer.path), HTTP 413)",
                hint: "Raise the limit there (client_max_body_size of nginx), or host the build elsewhere.", httpStatus: 413)
        case 408, 429, 500...599:
            var failure = Failure(
                response.status == 429 ? .rateLimited : .server,
                "EnterMediaDB, \(answer.path): \(try details(of: answer) ?? "an answer without a word") (HTTP \(response.status))",
                hint: "The server has a problem of its own: look into its log, or try again later.", httpStatus: response.status,
                isRetriable: true)
            failure.retryAfter = response.retryAfter
            return failure
        default:
            return Failure(
                .protocol, "EnterMediaDB answers \(answer.path) with HTTP \(response.status)",
                hint: "Something other than EnterMediaDB may have answered: check the base URL.", httpStatus: response.status)
        }
    }

    static func unauthorized(_ path: String, _ status: Int) -> Failure {
        Failure(
            .unauthorized, "EnterMediaDB does not let this user do \(path) (HTTP \(status))",
            hint: "The key is not accepted, or the user lacks the permission: check both in EnterMediaDB.", httpStatus: status)
    }

    /// The server's errors are {"reponse": {"details": ...}}, spelt so, and not always JSON: what is in them may be not escaped.
    private static func details(of answer: Answer) throws(Failure) -> String? {
        guard let json = try json(in: answer.response, answer.path) else { return nil }
        let body = json["reponse"] ?? json["response"]
        return body?.text("details").map { String($0.unicodeScalars.prefix(500)) }
    }

    /// Nil when it is not JSON. Throws when there is no memory to find out.
    private static func json(in response: Response, _ path: String) throws(Failure) -> JSON? {
        do throws(JSON.ParseError) {
            return try JSON(parsing: response.body)
        } catch {
            try error.throwIfOutOfMemory("reading EnterMediaDB's answer to \(path)", httpStatus: response.status)
            return nil
        }
    }
}

extension JSON {
    /// A text that is one. The server's templates leave "$data.id" or "${user.id}" where they have no value: that is none.
    func text(_ member: String) -> String? {
        guard let text = string(member), !text.isEmpty, !text.hasPrefix("$") else { return nil }
        return text
    }
}
