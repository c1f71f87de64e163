import Testing

@testable import SlipwayHTTP

@Suite(.timeLimit(.minutes(1))) struct SuspensionTests {
    private struct Broken: Error {}

    @Test func theEventMayComeFirst() async throws {
        try await Resident.with { resident in
            try await resident.run { resident in
                let suspension = Suspension<Int>(on: resident.loop)
                #expect(suspension.resume(returning: 7))
                let value = try await suspension.wait()
                #expect(value == 7)
            }
        }
    }

    @Test func theEventMayComeLater() async throws {
        try await Resident.with { resident in
            try await resident.run { resident in
                let suspension = Suspension<Int>(on: resident.loop)
                let loop = resident.loop
                loop.run { _ = loop.addTimer(at: .now + .milliseconds(5)) { suspension.resume(returning: 7) } }
                let value = try await suspension.wait()
                #expect(value == 7)
                #expect(loop.isCurrent)
            }
        }
    }

    @Test func onlyTheFirstEventCounts() async throws {
        try await Resident.with { resident in
            await resident.run { resident in
                let suspension = Suspension<Int>(on: resident.loop)
                #expect(suspension.resume(throwing: Broken()))
                #expect(!suspension.resume(returning: 7))
                #expect(!suspension.resume(throwing: CancellationError()))
                await #expect(throws: Broken.self) { try await suspension.wait() }
            }
        }
    }

    @Test func cancellationEndsTheWait() async throws {
        try await Resident.with { resident in
            let suspension = Suspension<Int>(on: resident.loop)
            let task = Task { try await resident.run { _ in try await suspension.wait() } }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            await resident.run { _ in #expect(!suspension.resume(returning: 7)) }
        }
    }

    @Test func aCancelledTaskDoesNotWait() async throws {
        try await Resident.with { resident in
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await resident.run { resident in try await Suspension<Int>(on: resident.loop).wait() }
            }
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }

    /// The event and the cancellation come at the same time: one of them counts, and the wait ends once.
    @Test func eventAndCancellationRace() async throws {
        try await Resident.with { resident in
            var outcomes = (event: 0, cancellation: 0)
            for round in 0..<1_000 {
                let suspension = Suspension<Int>(on: resident.loop)
                let task = Task { try await resident.run { _ in try await suspension.wait() } }
                let event = Task { await resident.run { _ in suspension.resume(returning: round) } }
                task.cancel()
                let didResume = await event.value
                switch await task.result {
                case .success(let value):
                    outcomes.event += 1
                    #expect(value == round && didResume)
                case .failure(let error):
                    outcomes.cancellation += 1
                    #expect(error is CancellationError && !didResume)
                }
            }
            #expect(outcomes.event + outcomes.cancellation == 1_000)
        }
    }
}
