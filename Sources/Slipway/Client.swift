package import SlipwayHTTP

/// An event loop, the services that run on it, and the operations that the host has started.
///
/// The actor's executor is the event loop: what is isolated to it runs on that one thread, without locks. What the exports call is `nonisolated`.
package actor Client {
    package nonisolated let loop: EventLoop
    package nonisolated let delivery: Delivery
    private nonisolated let operations: OperationTable
    private nonisolated let defaultDeadline: UInt32

    private let http: HTTPClient
    package let streampixel: Streampixel
    package let enterMedia: EnterMedia
    package let objects: ObjectStorage

    /// Operations that have not had their turn.
    private var queued = Queue<Operation>()
    /// Operations that got their tasks, but perhaps not yet their connections.
    private var startedThisTurn = 0
    /// Tasks that wait for their next operation.
    private var parked: [Lane] = []
    private static let maxParked = 64
    /// No operation runs any more, and none will.
    private var isStopped = false
    /// Completions of this turn of the loop.
    private var finished: [Delivery.Item] = []
    /// How many of them are operations', not parts'.
    private var finishedOperations = 0

    package nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// Starts the client's threads. `onClosed` is its last callback.
    package init(_ configuration: Configuration, onClosed: @escaping @Sendable () -> Void) throws(Failure) {
        do throws(Libraries.Missing) {
            try Libraries.load()
        } catch {
            throw error.shortage.map { Failure($0, text: error.text) } ?? Failure(.missingLibrary, error.text)
        }
        let settings = try configuration.http()
        let streampixel = try Streampixel.Settings(configuration)
        let enterMedia = try EnterMedia.Settings(configuration)
        operations = OperationTable()
        delivery = try Delivery(configuration.delivery, operations, settings.redaction, onClosed: onClosed)
        do { loop = try EventLoop() } catch { throw Failure(error.shortage, text: error.text) }
        defaultDeadline = configuration.deadline
        http = HTTPClient(on: loop, settings)
        self.streampixel = Streampixel(http, streampixel)
        self.enterMedia = EnterMedia(http, enterMedia)
        objects = ObjectStorage(http, configuration)
        guard delivery.start() else {
            loop.stop {}
            throw Failure(.oneMoreThread, "making the thread for the host's callbacks")
        }
        loop.run { self.loop.atEndOfTurn { self.assumeIsolated { $0.endTurn() } } }
    }

    // MARK: From any thread

    /// What an operation does: plain async code on the client's loop. Its answer is the operation's.
    package typealias Work = @Sendable (isolated Client, Operation) async throws -> Ending

    /// Starts an operation. False when the client was released: nothing starts, and nothing is called.
    package nonisolated func start(
        _ name: StaticString, deadline: UInt32, fallbackDeadline: UInt32? = nil,
        onProgress: (@Sendable (UInt64, Progress, Duration) -> Void)?,
        onComplete: @escaping @Sendable (Outcome) -> Void, needsConnection: Bool = true, storeID: (UInt64) -> Void, _ work: @escaping Work
    ) -> Bool {
        let operation = Operation(
            name: name,
            deadline: fallbackDeadline.map { Configuration.deadline(deadline, fallback: $0) }
                ?? Configuration.deadline(deadline, defaultDeadline, fallback: 600_000),
            onProgress: onProgress, onComplete: onComplete, needsConnection: needsConnection, work)
        guard operations.add(operation, store: storeID) else { return false }
        loop.run { self.assumeIsolated { $0.begin(operation) } }
        return true
    }

    /// Asks an operation to stop. Harmless when it has ended.
    package nonisolated func cancel(_ id: UInt64) {
        guard let operation = operations.operation(id) else { return }
        loop.run { self.assumeIsolated { $0.end(operation, .cancelled) } }
    }

    /// Ends the client: pending operations are cancelled, then the last callback comes. False when that was asked for before.
    package nonisolated func release() -> Bool {
        guard let pending = operations.release() else { return false }
        loop.run {
            self.assumeIsolated { client in
                for operation in pending { client.end(operation, .cancelled) }
                if client.operations.isIdleForGood { client.stop() }
            }
        }
        return true
    }

    package nonisolated var isReleased: Bool { operations.isReleased }

    /// Blocks until the operation's completion has been delivered. False: not before `deadline`.
    package nonisolated func wait(for id: UInt64, deadline: ContinuousClock.Instant?) -> Bool {
        delivery.pump(deadline: deadline) { operations.operation(id) == nil }
        return operations.wait(for: id, deadline: deadline)
    }

    // MARK: On the loop

    private func begin(_ operation: Operation) {
        // Released by another thread between the two lines of `start`: it was ended before it began.
        guard !operation.isFinished else { return }
        Log.info("\(operation.name) \(operation.id) started")
        if let deadline = operation.deadline {
            operation.deadlineTimer = loop.addTimer(at: deadline) { self.assumeIsolated { $0.end(operation, .deadline) } }
        }
        // Its turn comes when a connection could be had: until then it is this small object, not a task with its stack.
        guard !operation.needsConnection || http.room > startedThisTurn && queued.isEmpty else { return queued.append(operation) }
        runWork(of: operation)
    }

    /// Gives queued operations their tasks, as many as there are connections for.
    private func startQueued() {
        while http.room > startedThisTurn, let operation = queued.popFirst() { runWork(of: operation) }
    }

    /// Once: an operation that was ended before its turn has no work left.
    private func runWork(of operation: Operation) {
        guard let work = operation.takeWork() else { return }
        startedThisTurn += 1
        if let lane = parked.popLast() { return lane.hand((operation, work)) }
        let lane = Lane()
        // It comes back to this thread after each wait, instead of by way of Swift's pool of threads.
        lane.task = Task(executorPreference: loop) { await self.drive(lane, (operation, work)) }
        operation.task = lane.task
    }

    private func drive(_ lane: Lane, _ first: Lane.Job) async {
        var job = first
        while true {
            await run(job.operation, job.work)
            // A task that was cancelled stays so, and is of no use for the next operation; nor is one too many, nor any after the end.
            guard !Task.isCancelled, parked.count < Self.maxParked, !isStopped else { break }
            guard let next = await lane.park({ parked.append(lane) }) else { break }
            job = next
        }
        lane.task = nil
    }

    private func run(_ operation: Operation, _ work: Work) async {
        do {
            finish(operation, .success(try await work(self, operation)))
        } catch {
            finish(operation, .failure(error))
        }
    }

    private func end(_ operation: Operation, _ reason: Operation.EarlyEnd) {
        operation.end(reason)
        // It has not had its turn, and needs none any more.
        if operation.takeWork() != nil { finish(operation, .failure(CancellationError())) }
    }

    private func finish(_ operation: Operation, _ result: Result<Ending, any Error>) {
        if let timer = operation.deadlineTimer { loop.removeTimer(timer) }
        operation.task = nil
        operation.isFinished = true
        operation.finishNews(through: delivery, on: loop)
        finished.append(.completion(operation, result))
        finishedOperations += 1
    }

    /// A part of an operation has come to its end: its result goes to the host, before that of the whole.
    func finishPart(_ part: Operation, _ result: Result<Ending, any Error>) { finished.append(.completion(part, result)) }

    private func endTurn() {
        startedThisTurn = 0
        if http.room > 0 && !queued.isEmpty { loop.later { self.assumeIsolated { $0.startQueued() } } }
        // Completions of one turn go to delivery together: one wake-up, and one lock that the other thread may hold.
        guard !finished.isEmpty else { return }
        let (batch, count) = (finished, finishedOperations)
        (finished, finishedOperations) = ([], 0)
        delivery.append(batch)
        if count > 0 && operations.finish(count) { stop() }
    }

    private func stop() {
        isStopped = true
        for lane in parked { lane.hand(nil) }
        parked = []
        loop.stop { [delivery] in delivery.append(.closed) }
    }
}
