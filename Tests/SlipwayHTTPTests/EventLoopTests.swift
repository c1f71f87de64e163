import Testing

@testable import SlipwayHTTP

@Suite(.timeLimit(.minutes(1))) struct EventLoopTests {
    @Test func tasksStayOnTheLoopsThread() async throws {
        try await Resident.with { resident in
            #expect(!resident.loop.isCurrent)
            try await resident.run { resident in
                let loop = resident.loop
                #expect(loop.isCurrent)
                await Task.yield()
                #expect(loop.isCurrent)
                try await loop.sleep(until: .now + .milliseconds(1))
                #expect(loop.isCurrent)
                #expect(await Task.detached { loop.isCurrent }.value == false)
                #expect(loop.isCurrent)
                #expect(await Task(executorPreference: loop) { loop.isCurrent }.value)
                #expect(loop.isCurrent)
            }
        }
    }

    @Test func oneLoopIsNotAnother() async throws {
        try await Resident.with { first in
            try await Resident.with { second in
                await first.run { first in
                    #expect(first.loop.isCurrent && !second.loop.isCurrent)
                    #expect(await second.run { second in second.loop.isCurrent })
                    #expect(first.loop.isCurrent)
                }
            }
        }
    }

    @Test func workOfEachThreadRunsInOrder() async throws {
        try await Resident.with { resident in
            let loop = resident.loop
            let record = Monitor((order: [(thread: Int, number: Int)](), strangers: 0))
            for thread in 0..<4 {
                #expect(
                    Thread.start(named: "work") {
                        for number in 0..<500 {
                            loop.run {
                                record.withLock {
                                    $0.order.append((thread, number))
                                    if !loop.isCurrent { $0.strangers += 1 }
                                }
                                record.notifyAll()
                            }
                        }
                    })
            }
            let (order, strangers) = record.wait { $0.order.count == 2_000 ? $0 : nil }
            #expect(strangers == 0)
            for thread in 0..<4 { #expect(order.filter { $0.thread == thread }.map(\.number) == Array(0..<500)) }
        }
    }

    @Test func workFromTheLoopRunsAtOnce() async throws {
        try await Resident.with { resident in
            let order = Monitor<[Int]>([])
            await resident.run { resident in
                order.withLock { $0.append(1) }
                resident.loop.run { order.withLock { $0.append(2) } }
                order.withLock { $0.append(3) }
            }
            #expect(order.withLock { $0 } == [1, 2, 3])
        }
    }

    /// A wake-up that got lost would leave the loop asleep for a minute.
    @Test func aSleepingLoopIsWokenByWorkAndByJobs() async throws {
        try await Resident.with { resident in
            for _ in 0..<500 {
                #expect(await resident.run { resident in resident.loop.isCurrent })
                await withCheckedContinuation { continuation in resident.loop.run { continuation.resume() } }
            }
        }
    }

    @Test func sleepersWakeInTheOrderOfTheirTimes() async throws {
        try await Resident.with { resident in
            let start = ContinuousClock.now
            let delays = [30, 10, 20, 0, 15, 5, -10, 25]
            let woken = Monitor<[Int]>([])
            try await withThrowingTaskGroup { group in
                for delay in delays {
                    group.addTask {
                        try await resident.run { resident in
                            try await resident.loop.sleep(until: start + .milliseconds(40 + delay))
                            #expect(.now >= start + .milliseconds(40 + delay))
                            // Those whose time has passed before they slept are in no order.
                            woken.withLock { $0.append(delay) }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(Set(woken.withLock { $0 }) == Set(delays))
        }
    }

    @Test func timersOfOneTurnFireInTheOrderOfTheirTimes() async throws {
        try await Resident.with { resident in
            let fired = Monitor<[Int]>([])
            try await resident.run { resident in
                let (loop, start) = (resident.loop, ContinuousClock.now)
                let last = Suspension<Void>(on: loop)
                for delay in [3, 1, 2, 0, 5, 4] {
                    _ = loop.addTimer(at: start + .milliseconds(delay)) { fired.withLock { $0.append(delay) } }
                }
                _ = loop.addTimer(at: start + .milliseconds(6)) { last.resume(returning: ()) }
                try await last.wait()
            }
            #expect(fired.withLock { $0 } == [0, 1, 2, 3, 4, 5])
        }
    }

    @Test func aRemovedTimerDoesNotFire() async throws {
        try await Resident.with { resident in
            let fired = Monitor<[String]>([])
            try await resident.run { resident in
                let loop = resident.loop
                let later = loop.addTimer(at: .now + .milliseconds(3)) { fired.withLock { $0.append("removed") } }
                _ = loop.addTimer(at: .now + .milliseconds(1)) {
                    fired.withLock { $0.append("first") }
                    loop.removeTimer(later)
                }
                try await loop.sleep(until: .now + .milliseconds(10))
            }
            #expect(fired.withLock { $0 } == ["first"])
        }
    }

    @Test func cancellationEndsASleep() async throws {
        try await Resident.with { resident in
            let tasks = (0..<50).map { _ in
                Task { try await resident.run { resident in try await resident.loop.sleep(until: .now + .seconds(3600)) } }
            }
            for task in tasks { task.cancel() }
            for task in tasks { await #expect(throws: CancellationError.self) { try await task.value } }
        }
    }

    @Test func theEndOfATurnComesAfterItsWork() async throws {
        try await Resident.with { resident in
            let events = Monitor([String]())
            await resident.run { resident in
                resident.loop.atEndOfTurn {
                    events.withLock { $0.append("end") }
                    events.notifyAll()
                }
                events.withLock { $0.append("job") }
                resident.loop.run { events.withLock { $0.append("work") } }
            }
            #expect(events.wait { $0.count >= 3 ? Array($0.prefix(3)) : nil } == ["job", "work", "end"])
        }
    }

    @Test func whatWasBegunBeforeTheStopIsFinished() async throws {
        try Libraries.load()
        for _ in 0..<20 {
            let loop = try EventLoop()
            let resident = Resident(on: loop)
            let ran = Monitor<[Int]>([])
            let task = Task { await resident.run { resident in resident.loop.isCurrent } }
            #expect(await task.value)
            for number in 0..<100 { loop.run { ran.withLock { $0.append(number) } } }
            let isCurrentAtTheEnd = await withCheckedContinuation { continuation in
                loop.stop {
                    ran.withLock { $0.append(100) }
                    continuation.resume(returning: loop.isCurrent)
                }
            }
            #expect(ran.withLock { $0 } == Array(0...100))
            #expect(!isCurrentAtTheEnd)
        }
    }

    @Test func aLoopMayBeStoppedFromItself() async throws {
        try Libraries.load()
        let loop = try EventLoop()
        await withCheckedContinuation { continuation in
            loop.run { loop.stop { continuation.resume() } }
        }
    }
}
