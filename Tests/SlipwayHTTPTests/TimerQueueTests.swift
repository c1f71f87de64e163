import Testing

@testable import SlipwayHTTP

@Suite struct TimerQueueTests {
    private final class Record {
        var fired: [Int] = []
    }

    @Test func nothingIsDueInAnEmptyOne() {
        var queue = TimerQueue()
        #expect(queue.next == nil && queue.count == 0)
        #expect(queue.takeDue(at: .now) == nil)
    }

    @Test func dueIsWhatHasComeAndNoMore() {
        let (start, record) = (ContinuousClock.now, Record())
        var queue = TimerQueue()
        _ = queue.add(start + .seconds(2)) { record.fired.append(2) }
        _ = queue.add(start + .seconds(1)) { record.fired.append(1) }
        #expect(queue.takeDue(at: start) == nil)
        #expect(queue.next == start + .seconds(1))
        queue.takeDue(at: start + .seconds(1))?()
        #expect(queue.takeDue(at: start + .seconds(1)) == nil)
        queue.takeDue(at: start + .seconds(9))?()
        #expect(record.fired == [1, 2] && queue.count == 0 && queue.next == nil)
    }

    @Test func removingTwiceOrTooLateDoesNothing() {
        let start = ContinuousClock.now
        var queue = TimerQueue()
        let (first, second) = (queue.add(start) {}, queue.add(start + .seconds(1)) {})
        #expect(queue.takeDue(at: start) != nil)
        queue.remove(first)
        #expect(queue.count == 1)
        queue.remove(second)
        queue.remove(second)
        #expect(queue.count == 0)
        #expect(queue.takeDue(at: start + .seconds(1)) == nil)
    }

    @Test func whatARemovedTimerHeldIsFreed() {
        var queue = TimerQueue()
        weak var held: Record?
        let token: TimerQueue.Token
        do {
            let record = Record()
            held = record
            token = queue.add(.now + .seconds(3600)) { record.fired.append(1) }
        }
        #expect(held != nil)
        queue.remove(token)
        #expect(held == nil)
    }

    /// Against a list that is searched from end to end.
    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func behavesAsANaiveList(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let start = ContinuousClock.now
        let record = Record()
        var queue = TimerQueue()
        var model: [(number: Int, at: Int, token: TimerQueue.Token)] = []
        var gone: [TimerQueue.Token] = []
        var now = 0
        for round in 0..<4_000 {
            switch Int.random(in: 0..<10, using: &generator) {
            case 0..<4:
                let at = now + Int.random(in: -5...200, using: &generator)
                model.append((round, at, queue.add(start + .seconds(at)) { record.fired.append(round) }))
            // Long runs of removals, so that the heap is rebuilt.
            case 4..<(round / 400 % 2 == 0 ? 5 : 9):
                if let index = model.indices.randomElement(using: &generator) { gone.append(model.remove(at: index).token) }
                if let token = gone.last { queue.remove(token) }
                if let token = gone.randomElement(using: &generator) { queue.remove(token) }
            default:
                now += Int.random(in: 0...20, using: &generator)
                record.fired = []
                while let action = queue.takeDue(at: start + .seconds(now)) { action() }
                let due = model.filter { $0.at <= now }
                model.removeAll { $0.at <= now }
                gone += due.map(\.token)
                #expect(Set(record.fired) == Set(due.map(\.number)) && record.fired.count == due.count)
                let instants = record.fired.compactMap { number in due.first { $0.number == number }?.at }
                #expect(instants == instants.sorted())
                if let next = queue.next { #expect(next > start + .seconds(now)) }
            }
            #expect(queue.count == model.count)
            // It may wake too early, for a removed one, but never too late.
            if let soonest = model.map(\.at).min() { #expect(queue.next.map { $0 <= start + .seconds(soonest) } == true) }
        }
    }
}
