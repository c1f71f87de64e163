import Testing

@testable import SlipwayHTTP

@Suite(.timeLimit(.minutes(1))) struct MonitorTests {
    private struct Failed: Error {}

    @Test func manyThreadsCount() {
        let monitor = Monitor((count: 0, done: 0))
        for _ in 0..<4 {
            let isStarted = Thread.start(named: "count") {
                for _ in 0..<5_000 { monitor.withLock { $0.count += 1 } }
                monitor.withLock { $0.done += 1 }
                monitor.notifyAll()
            }
            #expect(isStarted)
        }
        #expect(monitor.wait { $0.done == 4 ? $0.count : nil } == 20_000)
    }

    @Test func twoThreadsTakeTurns() {
        let monitor = Monitor([0])
        #expect(
            Thread.start(named: "turns") {
                for turn in stride(from: 1, to: 2_000, by: 2) {
                    monitor.wait { list -> Void? in list.last == turn - 1 ? list.append(turn) : nil }
                    monitor.notifyAll()
                }
            })
        for turn in stride(from: 2, through: 2_000, by: 2) {
            monitor.wait { list -> Void? in list.last == turn - 1 ? list.append(turn) : nil }
            monitor.notifyAll()
        }
        #expect(monitor.withLock { $0 } == Array(0...2_000))
    }

    @Test func aDeadlineEndsTheWait() {
        let monitor = Monitor(0)
        let deadline = ContinuousClock.now + .milliseconds(20)
        let answer = monitor.wait(deadline: deadline) { _ -> Int? in nil }
        #expect(answer == nil && .now >= deadline)
    }

    @Test func aDeadlineInThePastLooksOnce() {
        let monitor = Monitor(7)
        let past = ContinuousClock.now - .seconds(1)
        #expect(monitor.wait(deadline: past) { $0 } == 7)
        var looks = 0
        let answer = monitor.wait(deadline: past) { _ -> Int? in
            looks += 1
            return nil
        }
        #expect(answer == nil && looks == 1)
    }

    @Test func newsComeBeforeAFarDeadline() {
        let monitor = Monitor(0)
        #expect(
            Thread.start(named: "news") {
                monitor.withLock { $0 = 1 }
                monitor.notifyAll()
            })
        #expect(monitor.wait(deadline: .now + .seconds(1_000_000)) { $0 == 1 ? "news" : nil } == "news")
        #expect(monitor.wait(deadline: nil) { $0 == 1 ? "news" : nil } == "news")
    }

    @Test func anErrorLeavesItUnlocked() {
        let monitor = Monitor(0)
        #expect(throws: Failed.self) {
            try monitor.withLock { value in
                value = 1
                throw Failed()
            }
        }
        #expect(monitor.withLock { $0 } == 1)
    }
}
