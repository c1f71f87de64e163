package import SlipwayHTTP

/// Keeps the clients of one process under the service's limit of one request per user, endpoint and window. A call takes its turn, makes its request, and
/// gives the turn back; the next one's begins a window after that, or when the service says so.
///
/// Across processes there is no governor: there the service's 429 is the truth.
package final class RateGovernor: Sendable {
    /// What a limit is for.
    package struct Key: Hashable, Sendable {
        package var baseURL: String
        package var user: String
        package var endpoint: String

        package init(baseURL: String, user: String, endpoint: String) {
            self.baseURL = baseURL
            self.user = user
            self.endpoint = endpoint
        }
    }

    /// The process's own.
    package static let shared = RateGovernor()

    private struct Line {
        var notBefore: ContinuousClock.Instant
        var hasHolder = false
        var waiting: [(number: UInt64, wake: @Sendable () -> Void)] = []
    }

    private struct State {
        var lines: [Key: Line] = [:]
        var lastNumber: UInt64 = 0
    }

    private let state = Monitor(State())

    package init() {}

    /// Waits for a turn and returns when it has come; `giveBack` must follow. Throws `CancellationError`, or `Failure` at once when
    /// `deadline` is before the turn can come. `waits` is told when the turn is expected, as often as that changes.
    package func takeTurn(
        _ key: Key, window: Duration, deadline: ContinuousClock.Instant?, on loop: EventLoop, waits: (ContinuousClock.Instant) -> Void
    ) async throws {
        let suspension = Suspension<Void>(on: loop)
        let (number, place) = enter(key) { loop.run { suspension.resume(returning: ()) } }
        do {
            try check(expected(key, place: place, window: window), deadline)
            if place > 0 {
                waits(expected(key, place: place, window: window))
                try await suspension.wait()
            }
            // The turn is ours, but its time may be still to come.
            while let notBefore = time(of: key), notBefore > .now {
                try check(notBefore, deadline)
                waits(notBefore)
                try await loop.sleep(until: notBefore)
            }
            try Task.checkCancellation()
        } catch {
            leave(key, number)
            throw error
        }
    }

    /// Ends a turn. `next`: when the following one may begin; nil when no request was made.
    package func giveBack(_ key: Key, next: ContinuousClock.Instant?) {
        let wake = state.withLock { state -> (@Sendable () -> Void)? in
            guard var line = state.lines[key] else { return nil }
            if let next { line.notBefore = max(line.notBefore, next) }
            line.hasHolder = !line.waiting.isEmpty
            let heir = line.waiting.isEmpty ? nil : line.waiting.removeFirst()
            state.lines[key] = !line.hasHolder && line.notBefore <= .now ? nil : line
            return heir?.wake
        }
        wake?()
    }

    // MARK: The line

    /// `place` 0 is the turn itself.
    private func enter(_ key: Key, wake: @escaping @Sendable () -> Void) -> (number: UInt64, place: Int) {
        state.withLock { state in
            state.lastNumber += 1
            let now = ContinuousClock.now
            // Lines that limit nobody any more are forgotten: keys must not pile up in a long-lived process.
            state.lines = state.lines.filter { $0.value.hasHolder || $0.value.notBefore > now }
            var line = state.lines[key] ?? Line(notBefore: now)
            defer { state.lines[key] = line }
            guard line.hasHolder else {
                line.hasHolder = true
                return (state.lastNumber, 0)
            }
            line.waiting.append((state.lastNumber, wake))
            return (state.lastNumber, line.waiting.count)
        }
    }

    /// Out of the line, or, when the turn had come, on to the next one.
    private func leave(_ key: Key, _ number: UInt64) {
        let wasWaiting = state.withLock { state in
            guard let index = state.lines[key]?.waiting.firstIndex(where: { $0.number == number }) else { return false }
            state.lines[key]?.waiting.remove(at: index)
            return true
        }
        if !wasWaiting { giveBack(key, next: nil) }
    }

    /// How many lines are remembered.
    var keyCount: Int { state.withLock { $0.lines.count } }

    private func time(of key: Key) -> ContinuousClock.Instant? { state.withLock { $0.lines[key]?.notBefore } }

    private func expected(_ key: Key, place: Int, window: Duration) -> ContinuousClock.Instant {
        max(.now, time(of: key) ?? .now) + window * place
    }

    private func check(_ turn: ContinuousClock.Instant, _ deadline: ContinuousClock.Instant?) throws(Failure) {
        guard let deadline, turn > deadline else { return }
        throw Failure(
            .rateLimited, "the service's rate limit leaves no turn before this operation's deadline",
            hint:
                "Streampixel takes one such request per user in two minutes, over all projects: give the operation a later deadline, or try again later.",
            isRetriable: true, retryAfter: max(.zero, turn - .now))
    }
}
