import SlipwayHTTP
import SlipwayJSON
import Testing

@testable import Slipway

/// What an answer that is not 2xx becomes. Every row of the service's own errors, and what proxies answer instead.
@Suite(.timeLimit(.minutes(1))) struct RefusalTests {
    private func refusal(_ response: Response, rateWindow: UInt32 = 0) async throws -> Failure {
        var refusal: Failure?
        try await Resident.with { resident in
            var configuration = Configuration()
            configuration.rateWindow = rateWindow
            let service = Streampixel(HTTPClient(on: resident.loop, .init()), try Streampixel.Settings(configuration))
            refusal = service.refusal(response, "/projects/upload-file")
        }
        return try #require(refusal)
    }

    private func answer(_ status: Int, _ text: String, head: String = "") -> Response {
        Response(status: status, body: JSON.object(["message": .string(text)]).utf8(), head: Array(head.utf8))
    }

    @Test(arguments: [
        (400, "Missing required field: fileUrl", Status.invalidArgument, "misses a value"),
        (400, "Invalid URL", .invalidArgument, "direct"),
        (400, "File has no URL", .notReady, "still being processed"),
        (400, "projectId, userId and apikey are required", .invalidArgument, "value"),
        (401, "Unauthorized: Invalid API Key", .unauthorized, "make a new API key"),
        (401, "Invalid User", .unauthorized, "does not belong to this API key"),
        (403, "Access denied", .forbidden, "does not own the project"), (403, "Forbidden", .forbidden, "does not own the project"),
        (404, "Project not found", .notFound, "project id"), (404, "File not found in project", .notFound, "upload id"),
        (404, "No webhook URL configured", .notFound, "Set a webhook URL"),
        (429, "Rate limit exceeded. Try again in 2 minutes.", .rateLimited, "wait"),
        (500, "Internal server error", .server, "try again later"), (422, "No", .invalidArgument, "values"),
        (418, "I am a teapot", .protocol, "base URL"),
    ])
    func theServicesErrors(status: Int, text: String, expected: Status, hint: String) async throws {
        let failure = try await refusal(answer(status, text))
        #expect(failure.status == expected && failure.httpStatus == status)
        #expect(failure.message == "Streampixel, /projects/upload-file: \(text) (HTTP \(status))")
        #expect(failure.hint.contains(hint), "\(failure.hint)")
        #expect(failure.isRetriable == [.server, .rateLimited, .notReady].contains(expected))
    }

    @Test(arguments: [
        (401, Status.unauthorized), (403, .forbidden), (404, .notFound), (408, .server), (429, .rateLimited), (500, .server),
        (502, .server), (503, .server),
        (504, .server), (599, .server), (302, .protocol), (405, .protocol), (413, .protocol), (0, .protocol), (199, .protocol),
        (999, .protocol),
    ])
    func answersWithoutAWord(status: Int, expected: Status) async throws {
        for body in ["", "<html>502 Bad Gateway</html>", "{", "[]", #"{"message":7}"#, #"{"message":""}"#, "\u{0}"] {
            let failure = try await refusal(Response(status: status, body: Array(body.utf8)))
            #expect(failure.status == expected && failure.httpStatus == status && !failure.hint.isEmpty)
            #expect(failure.message.contains("(HTTP \(status))") && !failure.message.contains("<html>"), "\(failure.message)")
        }
    }

    @Test(arguments: [
        ("Retry-After: 7\r\n", "Try again in 2 minutes.", 7), ("", "Try again in 3 minutes.", 180), ("", "wait 45 seconds", 45),
        ("", "Slow down", 120),
        ("Retry-After: soon\r\n", "Slow down", 120), ("Retry-After: 0\r\n", "Slow down", 0),
    ])
    func howLongToWait(head: String, text: String, seconds: Int) async throws {
        #expect(try await refusal(answer(429, text, head: head)).retryAfter == .seconds(seconds))
    }

    @Test func howLongToWaitOtherwise() async throws {
        #expect(try await refusal(answer(429, "Slow down"), rateWindow: 500).retryAfter == .milliseconds(500))
        #expect(try await refusal(answer(503, "Down", head: "Retry-After: 9\r\n")).retryAfter == .seconds(9))
        #expect(try await refusal(answer(503, "Down for 2 minutes")).retryAfter == nil)
        #expect(try await refusal(answer(401, "No", head: "Retry-After: 9\r\n")).retryAfter == nil)
    }

    @Test func theWordMayStandUnderError() async throws {
        let failure = try await refusal(Response(status: 404, body: Array(#"{"error":"Project not found"}"#.utf8)))
        #expect(failure.message.contains("Project not found") && failure.hint.contains("project id"))
    }

    @Test func aLongWordIsCut() async throws {
        let failure = try await refusal(answer(500, String(repeating: "x", count: 100_000)))
        #expect(failure.message.utf8.count < 1_000)
        // One letter with a hundred thousand accents is one character, but not a short one.
        let accents = try await refusal(answer(500, "e" + String(repeating: "\u{301}", count: 100_000)))
        #expect(accents.message.utf8.count < 10_000)
    }
}
