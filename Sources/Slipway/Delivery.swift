internal import CSystem
internal import SlipwayHTTP

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Brings completions and progress to the host: one at a time, in order, from a thread of its own or inside the host's poll.
///
/// The loop appends and never waits. Any thread may do anything else.
package final class Delivery: Sendable {
    enum Item {
        case progress(Operation)
        case completion(Operation, Result<Ending, any Error>)
        /// Something of the library's own that has its place between callbacks.
        case call(@Sendable () -> Void)
        /// The last one.
        case closed
    }

    package enum Mode: Int32, Sendable { case thread = 0, polled = 1 }

    private struct State {
        var items = Queue<Item>()
        var isDelivering = false
        var isClosed = false
    }

    package let mode: Mode
    private let state = Monitor(State())
    private let operations: OperationTable
    private let redaction: Redaction
    private let onClosed: @Sendable () -> Void
    /// For polled clients: readable while there is something to deliver.
    private let pipe: (read: Int32, write: Int32)?

    init(
        _ mode: Mode, _ operations: OperationTable, _ redaction: Redaction, onClosed: @escaping @Sendable () -> Void
    ) throws(Failure) {
        self.mode = mode
        self.operations = operations
        self.redaction = redaction
        self.onClosed = onClosed
        if mode == .polled {
            var ends: (Int32, Int32) = (-1, -1)
            guard csystem_pipe(&ends.0, &ends.1) == 0 else {
                throw Failure(
                    .internal, "no descriptor to be had for the client's poll_fd", hint: "Raise the limit of open files (ulimit -n).")
            }
            pipe = ends
        } else {
            pipe = nil
        }
    }

    deinit {
        if let pipe {
            close(pipe.read)
            close(pipe.write)
        }
    }

    /// For a client with a thread of its own: starts it. False when the system has none to give.
    func start() -> Bool {
        mode == .polled || Thread.start(named: "slipway-deliver", callsHost: true) { [self] in while deliverAll() {} }
    }

    // MARK: From the loop

    func append(_ item: Item) { append([item]) }

    /// All at once: one wake-up for what one turn of the loop has finished.
    func append(_ items: [Item]) {
        let wasEmpty = state.withLock { state in
            defer { state.items.append(contentsOf: items) }
            // With the lock held, so that the descriptor is readable exactly while there is something.
            if state.items.isEmpty, let pipe { csystem_pipe_fill(pipe.write) }
            return state.items.isEmpty
        }
        if wasEmpty { state.notifyAll() }
    }

    // MARK: From the delivering thread

    /// Waits for items and delivers them. False when that was the last one.
    private func deliverAll() -> Bool {
        // Each goes when it has been delivered: as many may have come by then, and those that are done would be held with them.
        var items = state.wait { state in state.items.isEmpty ? nil : state.items.takeAll() }
        items.reverse()
        while let item = items.popLast() { deliver(item) }
        return !state.withLock { $0.isClosed }
    }

    private func deliver(_ item: Item) {
        switch item {
        case .progress(let operation): operation.deliverNews()
        case .completion(let operation, let result):
            let outcome = Outcome(of: operation, result, redaction)
            if !operation.isPart { outcome.log(operation.name) }
            operation.onComplete(outcome)
            guard !operation.isPart else { return }
            operations.remove(operation.id)
            // Somebody may be in `pump`, waiting for this one.
            if mode == .polled { state.notifyAll() }
        case .call(let call): call()
        case .closed:
            onClosed()
            state.withLock { $0.isClosed = true }
            state.notifyAll()
        }
    }

    // MARK: From the host

    package enum PollError: Error { case isNotPolled, isClosed }

    /// Delivers at most `limit` items on this thread. None when another thread is delivering.
    package func poll(limit: Int) throws(PollError) -> Int {
        guard mode == .polled else { throw .isNotPolled }
        var delivered = 0
        guard let due = try begin() else { return 0 }
        // What is due now: callbacks that make work for each other must not keep the host in here.
        let limit = min(limit, due)
        while delivered < limit, let item = take() {
            deliver(item)
            delivered += 1
        }
        state.withLock { $0.isDelivering = false }
        // What this thread left may be somebody else's to deliver.
        state.notifyAll()
        return delivered
    }

    /// How many items are due; nil when another thread is delivering.
    private func begin() throws(PollError) -> Int? {
        try state.withLock { state throws(PollError) in
            guard !state.isClosed else { throw .isClosed }
            guard !state.isDelivering else { return nil }
            state.isDelivering = true
            return state.items.count
        }
    }

    private func take() -> Item? {
        state.withLock { state in
            let item = state.items.popFirst()
            if state.items.isEmpty, let pipe { csystem_pipe_drain(pipe.read) }
            return item
        }
    }

    /// Blocks until there is something to poll, or `isDone` says that this has no point any more. False: not before `deadline`.
    package func waitForItems(deadline: ContinuousClock.Instant?, or isDone: () -> Bool = { false }) throws(PollError) -> Bool {
        guard mode == .polled else { throw .isNotPolled }
        let found = state.wait(deadline: deadline) { state -> Result<Void, PollError>? in
            if state.isClosed { return .failure(.isClosed) }
            return !state.items.isEmpty && !state.isDelivering || isDone() ? .success(()) : nil
        }
        try found?.get()
        return found != nil
    }

    package func pollDescriptor() throws(PollError) -> Int32 {
        guard let pipe else { throw .isNotPolled }
        guard !state.withLock({ $0.isClosed }) else { throw .isClosed }
        return pipe.read
    }

    /// Blocks until the last callback has returned; a polled client's callbacks are delivered here. False: not before `deadline`.
    package func waitUntilClosed(deadline: ContinuousClock.Instant?) -> Bool {
        pump(deadline: deadline) { false }
        return state.wait(deadline: deadline) { $0.isClosed ? true : nil } ?? false
    }

    /// Delivers a polled client's callbacks on this thread until `isDone` says so, or it is closed, or `deadline` has passed.
    package func pump(deadline: ContinuousClock.Instant?, until isDone: () -> Bool) {
        guard mode == .polled else { return }
        while !isDone() {
            guard let delivered = try? poll(limit: 1) else { return }
            if delivered == 0 {
                guard let found = try? waitForItems(deadline: deadline, or: isDone), found else { return }
            } else if let deadline, deadline <= .now {
                return
            }
        }
    }
}
