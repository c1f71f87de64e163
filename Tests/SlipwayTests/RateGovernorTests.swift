import SlipwayHTTP
import Testing

@testable import Slipway

@Suite(.timeLimit(.minutes(1))) struct RateGovernorTests {
    private let governor = RateGovernor()
    private let key = RateGovernor.Key(baseURL: "https://h", user: "u", endpoint: "upload-file")
    private let hour = Duration.seconds(3_600)

    /// What happened, in its order.
    private final class Events: Sendable {
        private let list = Monitor<[String]>([])
        var all: [String] { list.withLock { $0 } }
        func add(_ event: String) { list.withLock { $0.append(event) } }

        /// Until `event` is there; a test that waits in vain ends by its time limit.
        func wait(for event: String) async { while !all.contains(event) { await Task.yield() } }
    }

    private func take(
        _ resident: Resident, _ events: Events, _ name: String, window: Duration = .zero, deadline: ContinuousClock.Instant? = nil,
        key: RateGovernor.Key? = nil
    ) -> Task<Void, any Error> {
        let (governor, key) = (governor, key ?? self.key)
        return Task {
            try await resident.run { resident in
                try await governor.takeTurn(key, window: window, deadline: deadline, on: resident.loop) { _ in events.add("\(name) waits") }
                #expect(resident.loop.isCurrent)
                events.add("\(name) has it")
            }
        }
    }

    @Test func theFirstTurnComesAtOnce() async throws {
        try await Resident.with { resident in
            let events = Events()
            try await take(resident, events, "a", window: hour, deadline: .now + .seconds(60)).value
            #expect(events.all == ["a has it"])
        }
    }

    @Test func turnsComeInTheOrderOfTheLine() async throws {
        try await Resident.with { resident in
            let events = Events()
            try await take(resident, events, "0").value
            var tasks: [Task<Void, any Error>] = []
            for number in 1...20 {
                tasks.append(take(resident, events, "\(number)"))
                await events.wait(for: "\(number) waits")
            }
            for number in 1...20 {
                #expect(!events.all.contains("\(number) has it"))
                governor.giveBack(key, next: nil)
                try await tasks[number - 1].value
            }
            #expect(events.all.filter { $0.hasSuffix("has it") } == (0...20).map { "\($0) has it" })
        }
    }

    @Test func aTurnIsNotBeforeItsTime() async throws {
        try await Resident.with { resident in
            let events = Events()
            try await take(resident, events, "a").value
            let first = take(resident, events, "b")
            await events.wait(for: "b waits")
            let next = ContinuousClock.now + .milliseconds(50)
            governor.giveBack(key, next: next)
            try await first.value
            #expect(.now >= next)
            let later = ContinuousClock.now + .milliseconds(50)
            governor.giveBack(key, next: later)
            // The later of two times counts.
            try await take(resident, events, "c").value
            #expect(.now >= later)
            governor.giveBack(key, next: later - .seconds(1))
            try await take(resident, events, "d", deadline: .now + .seconds(30)).value
        }
    }

    @Test func manyClientsAreNeverTwoInAWindow() async throws {
        let (governor, key) = (governor, key)
        let window = Duration.milliseconds(10)
        let turns = Monitor<[(start: ContinuousClock.Instant, end: ContinuousClock.Instant)]>([])
        try await Resident.with { first in
            try await Resident.with { second in
                try await withThrowingTaskGroup { group in
                    for number in 0..<20 {
                        let resident = number.isMultiple(of: 2) ? first : second
                        group.addTask {
                            try await resident.run { resident in
                                try await governor.takeTurn(key, window: window, deadline: nil, on: resident.loop) { _ in }
                                let start = ContinuousClock.now
                                await Task.yield()
                                let end = ContinuousClock.now
                                turns.withLock { $0.append((start, end)) }
                                governor.giveBack(key, next: end + window)
                            }
                        }
                    }
                    try await group.waitForAll()
                }
            }
        }
        let ordered = turns.withLock { $0 }
        #expect(ordered.count == 20)
        #expect(zip(ordered, ordered.dropFirst()).allSatisfy { $0.end + window <= $1.start })
    }

    @Test func keysDoNotLimitEachOther() async throws {
        try await Resident.with { resident in
            let events = Events()
            let others = [
                key, RateGovernor.Key(baseURL: "https://h2", user: "u", endpoint: "upload-file"),
                RateGovernor.Key(baseURL: "https://h", user: "u2", endpoint: "upload-file"),
                RateGovernor.Key(baseURL: "https://h", user: "u", endpoint: "distribute-file"),
            ]
            for (number, key) in others.enumerated() {
                try await take(resident, events, "\(number)", window: hour, deadline: .now + .seconds(60), key: key).value
            }
            #expect(events.all == ["0 has it", "1 has it", "2 has it", "3 has it"])
        }
    }

    @Test func whoGivesUpLeavesTheLine() async throws {
        try await Resident.with { resident in
            let events = Events()
            try await take(resident, events, "a").value
            var tasks: [Task<Void, any Error>] = []
            for name in ["b", "c", "d"] {
                tasks.append(take(resident, events, name))
                await events.wait(for: "\(name) waits")
            }
            tasks[0].cancel()
            await #expect(throws: CancellationError.self) { try await tasks[0].value }
            tasks[1].cancel()
            await #expect(throws: CancellationError.self) { try await tasks[1].value }
            governor.giveBack(key, next: nil)
            try await tasks[2].value
            #expect(events.all.filter { $0.hasSuffix("has it") } == ["a has it", "d has it"])
        }
    }

    /// The turn and the cancellation come at the same time: the turn is never lost.
    @Test func whoGivesUpWhenTheTurnComesPassesItOn() async throws {
        try await Resident.with { resident in
            for _ in 0..<200 {
                let events = Events()
                try await take(resident, events, "a").value
                let cancelled = take(resident, events, "b")
                await events.wait(for: "b waits")
                let last = take(resident, events, "c")
                await events.wait(for: "c waits")
                cancelled.cancel()
                governor.giveBack(key, next: nil)
                if case .success = await cancelled.result { governor.giveBack(key, next: nil) }
                try await last.value
                governor.giveBack(key, next: nil)
            }
        }
    }

    @Test func cancellationEndsTheWaitForATime() async throws {
        try await Resident.with { resident in
            let events = Events()
            try await take(resident, events, "a").value
            governor.giveBack(key, next: .now + hour)
            let task = take(resident, events, "b")
            await events.wait(for: "b waits")
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(!events.all.contains("b has it"))
        }
    }

    private func expectRateLimited(_ task: Task<Void, any Error>, atLeast wait: Duration) async throws {
        let failure = try await #require(throws: Failure.self) { try await task.value }
        #expect(failure.status == .rateLimited && failure.isRetriable && !failure.hint.isEmpty)
        #expect(failure.retryAfter.map { $0 > wait && $0 <= hour } == true, "\(String(describing: failure.retryAfter))")
    }

    /// These would take an hour if the failure did not come at once.
    @Test func aDeadlineBeforeTheTurnFailsAtOnce() async throws {
        try await Resident.with { resident in
            let events = Events()
            try await take(resident, events, "a", window: hour).value
            // Somebody has the turn: ours is a window after.
            try await expectRateLimited(take(resident, events, "b", window: hour, deadline: .now + hour / 2), atLeast: hour / 2)
            governor.giveBack(key, next: .now + hour)
            // Nobody has it, but its time is to come.
            try await expectRateLimited(take(resident, events, "c", deadline: .now + hour / 2), atLeast: hour / 2)
            #expect(events.all == ["a has it"])
        }
    }

    /// The service asked for more time than was expected when the operation stood in line.
    @Test func aTurnThatMovesBehindTheDeadlineFailsAtOnce() async throws {
        try await Resident.with { resident in
            let events = Events()
            try await take(resident, events, "a").value
            let late = take(resident, events, "b", deadline: .now + hour / 2)
            await events.wait(for: "b waits")
            let patient = take(resident, events, "c")
            await events.wait(for: "c waits")
            governor.giveBack(key, next: .now + hour)
            try await expectRateLimited(late, atLeast: hour / 2)
            patient.cancel()
            await #expect(throws: CancellationError.self) { try await patient.value }
            #expect(events.all.filter { $0.hasSuffix("has it") } == ["a has it"])
        }
    }

    /// A long-lived process has many users: a line that limits nobody any more is forgotten.
    @Test func keysAreForgotten() async throws {
        try await Resident.with { resident in
            let events = Events()
            var latest = ContinuousClock.now
            for number in 0..<100 {
                let key = RateGovernor.Key(baseURL: "https://h", user: "\(number)", endpoint: "upload-file")
                try await take(resident, events, "\(number)", key: key).value
                // Every other one still limits when it is given back, and nobody comes again.
                latest = .now + .milliseconds(20)
                governor.giveBack(key, next: number.isMultiple(of: 2) ? nil : latest)
            }
            let end = latest
            try await resident.run { resident in try await resident.loop.sleep(until: end) }
            try await take(resident, events, "last").value
            #expect(governor.keyCount == 1)
            governor.giveBack(key, next: nil)
            #expect(governor.keyCount == 0)
        }
    }

    @Test func aKeyThatStillLimitsIsNotForgotten() async throws {
        try await Resident.with { resident in
            let events = Events()
            try await take(resident, events, "a").value
            governor.giveBack(key, next: .now + hour)
            for number in 0..<10 {
                let key = RateGovernor.Key(baseURL: "https://h", user: "\(number)", endpoint: "upload-file")
                try await take(resident, events, "\(number)", key: key).value
                governor.giveBack(key, next: nil)
            }
            try await expectRateLimited(take(resident, events, "b", deadline: .now + hour / 2), atLeast: hour / 2)
        }
    }

    @Test func givingBackWhatNobodyHasDoesNothing() {
        governor.giveBack(key, next: .now + hour)
        #expect(governor.keyCount == 0)
    }
}
