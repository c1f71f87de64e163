/// Timers of an event loop: a binary heap, soonest first. Removing one only marks it, and the heap is rebuilt when marks prevail.
package struct TimerQueue {
    package final class Token {
        fileprivate let instant: ContinuousClock.Instant
        fileprivate var action: (() -> Void)?

        fileprivate init(instant: ContinuousClock.Instant, action: @escaping () -> Void) {
            self.instant = instant
            self.action = action
        }
    }

    private var heap: [Token] = []
    private var removed = 0

    package init() {}

    package var count: Int { heap.count - removed }

    package mutating func add(_ instant: ContinuousClock.Instant, _ action: @escaping () -> Void) -> Token {
        let token = Token(instant: instant, action: action)
        heap.append(token)
        siftUp(heap.count - 1)
        return token
    }

    package mutating func remove(_ token: Token) {
        guard token.action != nil else { return }
        token.action = nil
        removed += 1
        // Long deadlines of short operations would otherwise pile up until they pass.
        if removed > 64 && removed > heap.count / 2 {
            heap.removeAll { $0.action == nil }
            removed = 0
            heap.sort { $0.instant < $1.instant }
        }
    }

    /// When the next timer is due.
    package var next: ContinuousClock.Instant? { heap.first?.instant }

    /// Takes the next action that is due at `now`. The caller calls it: it may add and remove timers.
    package mutating func takeDue(at now: ContinuousClock.Instant) -> (() -> Void)? {
        while let first = heap.first, first.instant <= now {
            popFirst()
            if let action = first.action {
                first.action = nil
                return action
            }
            removed -= 1
        }
        return nil
    }

    private mutating func popFirst() {
        guard let last = heap.popLast(), !heap.isEmpty else { return }
        heap[0] = last
        siftDown()
    }

    private mutating func siftUp(_ start: Int) {
        var child = start
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].instant < heap[parent].instant else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    private mutating func siftDown() {
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child].instant < heap[least].instant {
                least = child
            }
            guard least != parent else { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
