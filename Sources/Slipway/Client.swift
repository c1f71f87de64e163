package import SlipwayHTTP
package import SlipwayJSON

/// An event loop, the services that run on it, and the operations that the host has started.
///
/// The actor's executor is the event loop: what is isolated to it runs on that one thread, without locks. What the exports call is `nonisolated`.
package actor Client {
    package nonisolated let loop: EventLoop
    package nonisolated let delivery: Delivery
    private nonisolated let operations: OperationTable
    private nonisolated let defaultDeadline: UInt32
    private let redaction: Redaction

    private let http: HTTPClient
    package let streampixel: Streampixel

    /// Operations that have not had their turn.
    private var queued = Queue<Operation>()
    /// Operations that got their tasks, but perhaps not yet their connections.
    private var startedThisTurn = 0
    /// Completions of this turn of the loop.
    private var finished: [Delivery.Item] = []

    package nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// Starts the client's threads. `onClosed` is its last callback.
    package init(_ configuration: Configuration, onClosed: @escaping @Sendable () -> Void) throws(Failure) {
        do { try Libraries.load() } catch { throw Failure(.missingLibrary, error.text) }
        let settings = try configuration.http()
        let streampixel = try Streampixel.Settings(configuration)
        operations = OperationTable()
        delivery = try Delivery(configuration.delivery, operations, onClosed: onClosed)
        do { loop = try EventLoop() } catch { throw Failure(.internal, error.text) }
        defaultDeadline = configuration.deadline
        redaction = settings.redaction
        http = HTTPClient(on: loop, settings)
        self.streampixel = Streampixel(http, streampixel)
        guard delivery.start() else {
            loop.stop {}
            throw Failure(
                .internal, "the system has no thread to give (pthread_create failed)", hint: "Raise the limit of threads (ulimit -u).")
        }
        loop.run { self.loop.atEndOfTurn { self.assumeIsolated { $0.endTurn() } } }
    }

    // MARK: From any thread

    /// What an operation does: plain async code on the client's loop. Its answer is the operation's.
    package typealias Work = @Sendable (isolated Client, Operation) async throws -> JSON

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
        // At once and on this thread, up to its first wait; and whatever is not isolated to an actor stays here too, instead of going to Swift's pool of
        // threads and back.
        operation.task = Task.immediate(executorPreference: loop) { await self.run(operation, work) }
        // It may have finished already.
        if operation.isFinished { operation.task = nil }
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

    private func finish(_ operation: Operation, _ result: Result<JSON, any Error>) {
        if let timer = operation.deadlineTimer { loop.removeTimer(timer) }
        operation.task = nil
        operation.isFinished = true
        operation.finishNews(through: delivery, on: loop)
        let outcome = outcome(of: operation, result)
        log(operation, outcome)
        finished.append(.completion(operation, outcome))
        if operations.finish() { stop() }
    }

    private func endTurn() {
        startedThisTurn = 0
        if http.room > 0 && !queued.isEmpty { loop.later { self.assumeIsolated { $0.startQueued() } } }
        // Completions of one turn go to delivery together: one wake-up for all of them.
        guard !finished.isEmpty else { return }
        delivery.append(finished)
        finished.removeAll(keepingCapacity: finished.count < 1024)
    }

    private func stop() { loop.stop { [delivery] in delivery.append(.closed) } }

    // MARK: How it ended

    private func outcome(of operation: Operation, _ result: Result<JSON, any Error>) -> Outcome {
        var outcome = Outcome(
            operation: operation.id, status: .ok, httpStatus: operation.httpStatus, attempts: operation.attempts, isRetriable: false,
            retryAfter: nil, message: "", hint: "", answer: .null)
        switch result {
        case .success(let answer): outcome.answer = answer
        case .failure(let error):
            let failure = failure(error, operation)
            outcome.status = failure.status
            outcome.message = redaction(failure.message)
            outcome.hint = redaction(failure.hint)
            outcome.isRetriable = failure.isRetriable
            outcome.retryAfter = failure.retryAfter
            outcome.answer = failure.answer ?? .null
            if failure.httpStatus != 0 { outcome.httpStatus = failure.httpStatus }
        }
        // The one place where answers are cleaned. It is passed by when nothing that came from outside looked like a secret: most of the time.
        if operation.sawSecret { outcome.answer = redaction(outcome.answer) }
        return outcome
    }

    private func failure(_ error: any Error, _ operation: Operation) -> Failure {
        switch error {
        case let failure as Failure: return failure
        case let failure as TransferFailure: return Failure(failure, to: "the service")
        case is CancellationError where operation.earlyEnd == .deadline:
            return Failure(
                .deadlineExceeded, "not finished within its deadline\(operation.lastMessage.map { "; the last was: \($0)" } ?? "")",
                hint: "Give it more time (deadline_ms), or look at what it was waiting for.", isRetriable: true)
        case is CancellationError:
            return Failure(.cancelled, "cancelled by the host", hint: "", isRetriable: true)
        default:
            return Failure(.internal, "a defect of Slipway: \(error)", hint: "Please report it.")
        }
    }

    private func log(_ operation: Operation, _ outcome: Outcome) {
        guard outcome.status != .ok, outcome.status != .cancelled else {
            return Log.info("\(operation.name) \(operation.id) \(outcome.status == .ok ? "done" : "cancelled")")
        }
        Log.error("\(operation.name) \(operation.id) failed: \(outcome.message) \(outcome.hint)")
    }
}
