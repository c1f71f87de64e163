import Testing

@testable import SlipwayHTTP

@Suite struct QueueTests {
    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func behavesAsAnArray(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var (queue, model) = (Queue<Int>(), [Int]())
        for round in 0..<5_000 {
            // Now it grows, now it shrinks.
            if Int.random(in: 0..<10, using: &generator) < (round / 500 % 2 == 0 ? 7 : 3) {
                queue.append(round)
                model.append(round)
            } else {
                #expect(queue.popFirst() == (model.isEmpty ? nil : model.removeFirst()))
            }
            #expect(queue.count == model.count && queue.isEmpty == model.isEmpty)
        }
        while let element = queue.popFirst() { #expect(element == model.removeFirst()) }
        #expect(model.isEmpty)
    }

    @Test func letsGoOfWhatWasTaken() {
        final class Thing {}
        var queue = Queue<Thing>()
        weak var first: Thing?
        do {
            let thing = Thing()
            first = thing
            queue.append(thing)
            queue.append(Thing())
        }
        #expect(first != nil)
        _ = queue.popFirst()
        #expect(first == nil && queue.count == 1)
    }
}
