internal import SlipwayHTTP

/// The service asked to come back later: the turn ends, and the next one does not begin before `until`.
struct Postponed: Error {
    let until: ContinuousClock.Instant
    let failure: Failure
}

extension Streampixel {
    /// Runs `body` in a turn of this user at `endpoint`. Nil when it was postponed, or gave nil: take another turn then.
    func inTurn<Value>(_ endpoint: String, _ context: Context, _ body: () async throws -> Value?) async throws -> Value? {
        let key = RateGovernor.Key(baseURL: settings.baseURL.text, user: settings.user ?? "", endpoint: endpoint)
        try await governor.takeTurn(key, window: settings.rateWindow, deadline: context.operation.deadline, on: loop) { turn in
            context.report(
                Progress(
                    .waitingTurn, "waiting for a turn at \(endpoint): one per user in \(settings.rateWindow.milliseconds / 1000) s",
                    waitingUntil: turn),
                on: loop)
        }
        let attempts = context.operation.attempts
        do {
            let value = try await body()
            governor.giveBack(key, next: .now + settings.rateWindow)
            return value
        } catch let postponed as Postponed {
            governor.giveBack(key, next: postponed.until)
            if let deadline = context.operation.deadline, postponed.until > deadline { throw postponed.failure }
            Log.warning(
                http.configuration.redaction(
                    "\(postponed.failure.message); the next turn is in \((postponed.until - .now).milliseconds) ms"))
            return nil
        } catch {
            // Even a refused request counts at the service, as far as is known; one that was never made does not.
            governor.giveBack(key, next: context.operation.attempts == attempts ? nil : .now + settings.rateWindow)
            throw error
        }
    }
}
