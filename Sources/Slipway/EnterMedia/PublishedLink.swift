internal import SlipwayHTTP

/// A public link of a distribution: whether it gives what it should. It is asked as everybody asks it, without a key.
struct PublishedLink {
    let url: String
    /// What it gives must be a picture.
    let isImage: Bool

    /// Presets of pictures have it in their names; others make videos and documents.
    static func isImage(_ preset: String) -> Bool { preset.lowercased().holds("image") }

    /// HEAD, then the first bytes when HEAD is refused. Repeats what may pass: a rendition may not be there yet. Throws when the link does not work.
    func verify(_ http: HTTPClient, _ retry: Retry, _ context: Context) async throws {
        context.report(Progress(.checking, "looking whether the link works"), on: http.loop)
        var attempt = 0
        while true {
            attempt += 1
            do {
                let answer = try await read(http, context)
                guard (200...299).contains(answer.status) else { throw broken("answers with HTTP \(answer.status)", answer.status) }
                let type = answer.header("content-type") ?? ""
                guard !isImage || type.lowercased().hasPrefix("image/") else {
                    throw broken("gives \(type.isEmpty ? "something" : type) instead of a picture", answer.status)
                }
                return
            } catch let failure as Failure {
                try await context.pause(after: attempt, failure, retry, http)
            }
        }
    }

    /// Whether it answers at all. Nil: that could not be found out.
    func isAlive(_ http: HTTPClient, _ context: Context) async throws -> Bool? {
        do {
            let answer = try await read(http, context)
            return answer.isSuccess ? true : answer.status == 404 ? false : nil
        } catch is Failure {
            return nil
        }
    }

    private func read(_ http: HTTPClient, _ context: Context) async throws -> Response {
        guard try URL(url) != nil else {
            var failure = broken("is not a URL", 0)
            failure.isRetriable = false
            throw failure
        }
        let head = try await send(Request(.head, url), http, context)
        guard head.refusesHead else { return head }
        var start = Request(.get, url, headers: ["Range: bytes=0-3"])
        start.bodyLimit = 4
        start.stopsAtLimit = true
        return try await send(start, http, context)
    }

    private func send(_ request: Request, _ http: HTTPClient, _ context: Context) async throws -> Response {
        do {
            return try await context.send(request, http)
        } catch let error as TransferFailure {
            throw Failure(error, to: "the link \(URL.redact(url))")
        }
    }

    private func broken(_ what: String, _ status: Int) -> Failure {
        Failure(
            .protocol, "EnterMediaDB has made the distribution, but its link \(what): \(URL.redact(url))",
            hint:
                "The rendition may not be ready yet; or the server's idea of its own address (host, proxy, path) is wrong: open the link in a browser.",
            httpStatus: status, isRetriable: true)
    }
}
