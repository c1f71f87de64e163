internal import SlipwayHTTP

/// What a call to a service needs besides its request: who asks, and how its progress is told.
struct Context {
    let operation: Operation
    let delivery: Delivery

    func report(_ progress: Progress, on loop: EventLoop) { operation.report(progress, through: delivery, on: loop) }

    /// One request, which counts as one of the operation's attempts, and whose answer's status is the operation's until the next.
    func send(_ request: Request, _ http: HTTPClient) async throws -> Response {
        operation.attempts += 1
        operation.httpStatus = 0
        do {
            let response = try await http.send(request)
            operation.httpStatus = response.status
            return response
        } catch let failure as TransferFailure {
            operation.httpStatus = failure.httpStatus
            throw failure
        }
    }

    /// Before an attempt is repeated: waits as long as the service said, or as `retry` says. Throws the failure when there is no use in another
    /// attempt, when this was the last one, and when the operation's time would be up before the next.
    func pause(after attempt: Int, _ failure: Failure, _ retry: Retry, _ http: HTTPClient) async throws {
        guard failure.isRetriable, attempt < retry.maxAttempts else { throw failure }
        var delay = retry.delay(after: attempt)
        if let told = failure.retryAfter {
            // Never earlier than told, and not all at once.
            delay = told + delay
            if let deadline = operation.deadline, .now + delay > deadline { throw failure }
        }
        Log.warning(http.configuration.redaction("\(failure.message); attempt \(attempt + 1) in \(delay.milliseconds) ms"))
        report(Progress(.retrying, failure.message, waitingUntil: .now + delay, attempt: attempt + 1), on: http.loop)
        try await http.loop.sleep(until: .now + delay)
    }
}
