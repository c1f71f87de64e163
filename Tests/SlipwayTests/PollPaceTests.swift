import Testing

@testable import Slipway

@Suite struct PollPaceTests {
    /// Checks that asking now means asking again after `expected`, whatever the machine did meanwhile.
    private func expectInterval(_ pace: inout PollPace, _ expected: Duration, _ location: SourceLocation = #_sourceLocation) {
        let before = ContinuousClock.now
        pace.ask()
        let after = ContinuousClock.now
        #expect(pace.next() >= before + expected && pace.next() <= after + expected, sourceLocation: location)
        let soonest = min(expected, .seconds(1))
        #expect(pace.soonest >= before + soonest && pace.soonest <= after + soonest, sourceLocation: location)
    }

    @Test func itGrowsByHalfUpToItsEnd() {
        var pace = PollPace(interval: 1_000, maxInterval: 3_000)
        for expected in [1_000, 1_500, 2_250, 3_000, 3_000] {
            expectInterval(&pace, .milliseconds(expected))
            pace.advance()
        }
        pace.reset()
        expectInterval(&pace, .milliseconds(1_000))
    }

    @Test func zeroIsTheDefault() {
        var pace = PollPace(interval: 0, maxInterval: 0)
        expectInterval(&pace, .seconds(5))
        for _ in 0..<100 { pace.advance() }
        expectInterval(&pace, .seconds(60))
    }

    @Test(
        arguments: [
            (1, 1, 10, 10), (9, 0, 10, 60_000), (10, 5, 10, 10), (5_000, 10, 5_000, 5_000), (90_000, 0, 90_000, 90_000),
            (.max, .max, .max, .max),
        ] as [(UInt32, UInt32, UInt32, UInt32)])
    func oddValuesAreMended(interval: UInt32, maxInterval: UInt32, first: UInt32, last: UInt32) {
        var pace = PollPace(interval: interval, maxInterval: maxInterval)
        expectInterval(&pace, .milliseconds(Int64(first)))
        for _ in 0..<100 { pace.advance() }
        expectInterval(&pace, .milliseconds(Int64(last)))
    }
}
