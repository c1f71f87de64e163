import Testing

@testable import SlipwayHTTP

@Suite struct RetryTests {
    @Test(arguments: [
        (1, 100), (2, 200), (3, 400), (4, 800), (5, 1_600), (9, 25_600), (10, 30_000), (31, 30_000), (Int.max, 30_000), (0, 100),
        (.min, 100),
    ])
    func thePauseDoublesUpToItsLimit(attempt: Int, ceiling: Int) {
        let retry = Retry(maxAttempts: 5, baseDelay: .milliseconds(100))
        let delays = (0..<500).map { _ in retry.delay(after: attempt) }
        #expect(delays.allSatisfy { $0 >= .zero && $0 <= .milliseconds(ceiling) })
        // Full jitter: from nothing to all of it. With 500 draws a tenth at either end is missed once in 10^22.
        #expect(delays.contains { $0 < .milliseconds(ceiling) / 10 })
        #expect(delays.contains { $0 > .milliseconds(ceiling) * 9 / 10 })
    }

    @Test func pausesDiffer() {
        let retry = Retry(maxAttempts: 5, baseDelay: .seconds(1))
        #expect(Set((0..<100).map { _ in retry.delay(after: 3) }).count > 90)
    }

    @Test func oddValuesAreMended() {
        #expect(Retry(maxAttempts: 0, baseDelay: .zero).maxAttempts == 1)
        #expect(Retry(maxAttempts: -7, baseDelay: .zero).maxAttempts == 1)
        #expect(Retry(maxAttempts: 3, baseDelay: .seconds(-1)).delay(after: 2) == .zero)
        // The longest that a host can ask for.
        let longest = Retry(maxAttempts: 3, baseDelay: .milliseconds(Int64(UInt32.max)))
        #expect(longest.delay(after: .max) <= .seconds(30))
    }
}
