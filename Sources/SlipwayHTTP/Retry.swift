internal import CCurl

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// How often a request is repeated and how long the pauses are: exponential, with full jitter, so that many clients that failed together do not
/// come back together.
package struct Retry: Sendable {
    package var maxAttempts: Int
    package var baseDelay: Duration
    package var maxDelay: Duration = .seconds(30)

    package init(maxAttempts: Int, baseDelay: Duration) {
        self.maxAttempts = max(1, maxAttempts)
        self.baseDelay = max(.zero, baseDelay)
    }

    /// The pause after the `attempt`th attempt (1 is the first) has failed.
    package func delay(after attempt: Int) -> Duration {
        let doublings = min(max(1, attempt) - 1, 30)
        let ceiling = min(maxDelay, baseDelay * (1 << doublings))
        return ceiling * Double.random(in: 0...1)
    }
}

extension Response {
    /// How long the server asks to wait, from Retry-After: seconds, or a date. At most a day: more is a mistake of somebody.
    package var retryAfter: Duration? {
        guard let text = header("retry-after"), !text.isEmpty else { return nil }
        if text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) { return .seconds(min(UInt64(text) ?? .max, 86_400)) }
        let date = ccurl_getdate(text)
        guard date >= 0 else { return nil }
        return .seconds(min(max(0, date - time(nil)), 86_400))
    }
}
