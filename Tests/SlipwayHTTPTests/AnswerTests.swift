import Testing

@testable import SlipwayHTTP

/// Answers that are not whole, too large, or lead elsewhere: what they are told as.
@Suite(.timeLimit(.minutes(1))) struct AnswerTests {
    /// What a request fails with when its answer is `text`, after which the connection ends.
    private func failure(_ text: String, _ request: (inout Request) -> Void = { _ in }) async throws -> TransferFailure {
        let server = TinyServer { connection in
            guard connection.head() != nil else { return }
            connection.send(text)
            connection.close()
        }
        var made = Request(.get, server.url)
        request(&made)
        var failure: TransferFailure?
        let wanted = made
        try await Sender.with { sender in
            do { _ = try await sender.send(wanted) } catch let error as TransferFailure { failure = error }
        }
        return try #require(failure, "an answer")
    }

    @Test(arguments: [
        "H", "HTTP/1.1 200 OK", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Len", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nbody",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nETag: a\r\n",
    ])
    func aBrokenAnswerIsNone(text: String) async throws {
        let failure = try await failure(text)
        #expect(failure.kind == .network && failure.wasSent && failure.httpStatus == 0, "\(failure)")
    }

    /// With headers behind the body, and with none in front of it.
    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\nETag: a\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\nbody",
        "HTTP/1.0 200 OK\n\nbody",
        "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody",
    ])
    func aWholeOneIs(text: String) async throws {
        let server = TinyServer { connection in
            guard connection.head() != nil else { return }
            connection.send(text)
            connection.close()
        }
        try await Sender.with { sender in
            let answer = try await sender.send(Request(.get, server.url))
            #expect(answer.status == 200 && answer.body == Array("body".utf8))
        }
    }

    /// The server sends not one byte of it: it is refused for what is announced.
    @Test func whatIsAnnouncedAsTooLargeIsNotWaitedFor() async throws {
        let server = TinyServer { connection in
            guard connection.head() != nil else { return }
            connection.send("HTTP/1.1 207 Multi-Status\r\nContent-Length: 101\r\n\r\n")
            _ = connection.drain()
        }
        var request = Request(.get, server.url)
        request.bodyLimit = 100
        let wanted = request
        try await Sender.with { sender in
            await #expect {
                try await sender.send(wanted)
            } throws: {
                $0 as? TransferFailure == TransferFailure(.protocol, "the answer is larger than 100 bytes", wasSent: true, httpStatus: 207)
            }
        }
    }

    @Test func whatIsNotAnnouncedIsReadUpToTheLimit() async throws {
        let failure = try await failure("HTTP/1.1 200 OK\r\n\r\n" + String(repeating: "a", count: 101)) { $0.bodyLimit = 100 }
        #expect(failure == TransferFailure(.protocol, "the answer is larger than 100 bytes", wasSent: true, httpStatus: 200))
    }

    /// One connection, so that each request finds what the one before has set.
    @Test func aLengthIsNoBody() async throws {
        let server = TinyServer { connection in
            while let head = connection.head() {
                let isHead = head[0].hasPrefix("HEAD")
                connection.send(
                    "HTTP/1.1 200 OK\r\nContent-Length: \(isHead ? 1 << 40 : 100)\r\n\r\n"
                        + (isHead ? "" : String(repeating: "a", count: 100)))
            }
        }
        try await Sender.with { sender in
            for _ in 0..<2 {
                var get = Request(.get, server.url)
                get.bodyLimit = 100
                let whole = try await sender.send(get)
                #expect(whole.body.count == 100)
                var head = Request(.head, server.url)
                head.bodyLimit = 100
                let length = try await sender.send(head)
                #expect(length.contentLength == 1 << 40)
                var start = Request(.get, server.url)
                (start.bodyLimit, start.stopsAtLimit) = (4, true)
                let part = try await sender.send(start)
                #expect(part.body == Array("aaaa".utf8))
            }
        }
    }

    @Test(arguments: [
        (302, "http://127.0.0.1:9/x", "another server"), (307, "ftp://127.0.0.1/", "not an http or https URL"),
        (308, "/again", "more than 5 redirects"),
    ])
    func aRedirectThatIsNotFollowedHasItsStatus(status: Int, location: String, words: String) async throws {
        let server = TinyServer { connection in
            while connection.head() != nil { connection.answer(status, ["Location: \(location)"]) }
        }
        try await Sender.with { sender in
            await #expect {
                try await sender.send(Request(.get, server.url))
            } throws: {
                guard let failure = $0 as? TransferFailure else { return false }
                return failure.kind == .protocol && failure.httpStatus == status && failure.text.holds(words)
            }
        }
    }
}
