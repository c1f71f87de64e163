internal import SlipwayHTTP

/// The operations of a client that have started and whose completion has not been delivered.
final class OperationTable: Sendable {
    private struct State {
        var running: [UInt64: Operation] = [:]
        /// How many of them have not come to their end on the loop.
        var unfinished = 0
        var isReleased = false
    }

    private let state = Monitor(State())

    /// Takes an operation in. False when the client was released: it does not start then.
    ///
    /// `store` is called before anything else can see the operation, so that the host knows its number before it can complete.
    func add(_ operation: Operation, store: (UInt64) -> Void) -> Bool {
        state.withLock { state in
            guard !state.isReleased else { return false }
            store(operation.id)
            state.running[operation.id] = operation
            state.unfinished += 1
            return true
        }
    }

    func operation(_ id: UInt64) -> Operation? { state.withLock { $0.running[id] } }

    /// Its completion has been delivered.
    func remove(_ id: UInt64) {
        _ = state.withLock { $0.running.removeValue(forKey: id) }
        state.notifyAll()
    }

    /// No operation starts from now on. Nil when that was so already; else those that have not completed.
    func release() -> [Operation]? {
        state.withLock { state in
            guard !state.isReleased else { return nil }
            state.isReleased = true
            return Array(state.running.values)
        }
    }

    /// So many operations have come to their end; their completions are still to be delivered. True when the last one of a released client is among them.
    func finish(_ count: Int) -> Bool {
        state.withLock { state in
            state.unfinished -= count
            return state.isReleased && state.unfinished == 0
        }
    }

    /// Nothing runs on the loop, and nothing will.
    var isIdleForGood: Bool { state.withLock { $0.isReleased && $0.unfinished == 0 } }

    var isReleased: Bool { state.withLock { $0.isReleased } }

    /// Blocks until the operation's completion has been delivered. False: not before `deadline`.
    func wait(for id: UInt64, deadline: ContinuousClock.Instant?) -> Bool {
        state.wait(deadline: deadline) { $0.running[id] == nil ? true : nil } ?? false
    }
}
