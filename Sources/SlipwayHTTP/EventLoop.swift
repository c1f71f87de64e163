internal import CLoader
internal import CSystem

/// One thread that moves libcurl's transfers and is, at the same time, the executor of a client's actors: domain code is plain
/// async Swift that never leaves this thread and needs no locks.
///
/// Two sides. What any thread may call is `enqueue`, `run` and `stop`. Everything else is for the loop's own thread: for code that is
/// isolated to an actor whose executor this is.
package final class EventLoop: SerialExecutor, TaskExecutor, @unchecked Sendable {
    // Unchecked: `inbox` has its lock; everything below it is touched on the loop's thread only.

    private struct Inbox {
        var jobs: [UnownedJob] = []
        var works: [@Sendable () -> Void] = []
        /// The thread sleeps in poll, or is about to: whoever brings work must wake it.
        var isAsleep = false
        var isStopping = false
        /// The thread takes nothing any more: work that came now would be kept for ever, and keep its client.
        var hasEnded = false
    }

    private let inbox = Monitor(Inbox())
    private let multi: Multi

    private var works: [@Sendable () -> Void] = []
    private var jobs: [UnownedJob] = []
    private var batch: [UnownedJob] = []
    private var timers = TimerQueue()
    private var turnEnd: (() -> Void)?
    private var whenStopped: (() -> Void)?

    /// Throws a text for people when libcurl or the system refuses.
    package init() throws(EventLoopError) {
        multi = try Multi()
        guard Thread.start(named: "slipway-loop", { [self] in main() }) else {
            throw EventLoopError("the system has no thread to give (pthread_create failed)", .oneMoreThread)
        }
    }

    // MARK: From any thread

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isCurrent { return jobs.append(job) }
        let mustWake = inbox.withLock { inbox in
            inbox.jobs.append(job)
            defer { inbox.isAsleep = false }
            return inbox.isAsleep
        }
        if mustWake { multi.wakeUp() }
    }

    /// Runs `work` on the loop's thread: at once when this is it, else as soon as it gets there. In order.
    package func run(_ work: @escaping @Sendable () -> Void) {
        if isCurrent { return work() }
        let mustWake = inbox.withLock { inbox in
            guard !inbox.hasEnded else { return false }
            inbox.works.append(work)
            defer { inbox.isAsleep = false }
            return inbox.isAsleep
        }
        if mustWake { multi.wakeUp() }
    }

    /// Ends the thread once it has nothing left to run; `whenStopped` is its last act. No transfer may be under way.
    package func stop(_ whenStopped: @escaping @Sendable () -> Void) {
        run {
            self.whenStopped = whenStopped
            self.inbox.withLock { $0.isStopping = true }
        }
    }

    package var isCurrent: Bool {
        csystem_thread_value(CSYSTEM_THREAD_LOOP) == UInt(bitPattern: Unmanaged.passUnretained(self).toOpaque())
    }

    package func checkIsolated() {
        // Swift would end the process if this did; `isIsolatingCurrentContext` is what answers.
    }

    package func isIsolatingCurrentContext() -> Bool? { isCurrent }

    package func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

    // MARK: On the loop's thread

    /// Runs `work` in the next turn.
    package func later(_ work: @escaping @Sendable () -> Void) { works.append(work) }

    /// Called at the end of every turn, before the thread may sleep: for what is better done once for many events.
    package func atEndOfTurn(_ body: @escaping () -> Void) { turnEnd = body }

    /// Sleeps until `instant`, or throws `CancellationError` as soon as the task is cancelled.
    package func sleep(until instant: ContinuousClock.Instant) async throws {
        try await sleep(until: instant, or: Suspension(on: self))
    }

    /// The same, but not longer than until somebody resumes `suspension`.
    package func sleep(until instant: ContinuousClock.Instant, or suspension: Suspension<Void>) async throws {
        let timer = timers.add(instant) { suspension.resume(returning: ()) }
        defer { timers.remove(timer) }
        try await suspension.wait()
    }

    /// Calls `action` on the loop's thread at `instant`, unless it is removed before.
    package func addTimer(at instant: ContinuousClock.Instant, _ action: @escaping () -> Void) -> TimerQueue.Token {
        timers.add(instant, action)
    }

    package func removeTimer(_ token: TimerQueue.Token) { timers.remove(token) }

    /// Starts a transfer: its handle is set up and belongs to the loop until `finish` was called or `abandon` returned.
    func begin(_ transfer: Transfer) -> Bool { multi.add(transfer) }

    /// As many connections as may be in use stay open at the most.
    func keep(connections: Int) { multi.keep(connections: connections) }

    /// Ends a transfer that nobody waits for any more.
    func abandon(_ transfer: Transfer) { multi.remove(transfer) }

    // MARK: The thread

    private func main() {
        csystem_set_thread_value(CSYSTEM_THREAD_LOOP, UInt(bitPattern: Unmanaged.passUnretained(self).toOpaque()))
        while true {
            cloader_enter()
            inbox.withLock { inbox in
                jobs += inbox.jobs
                works += inbox.works
                inbox.jobs.removeAll(keepingCapacity: inbox.jobs.count < 1024)
                inbox.works.removeAll(keepingCapacity: inbox.works.count < 1024)
            }
            runWorks()
            runJobs()
            if timers.next != nil { fireTimers() }
            runJobs()
            multi.perform()
            runJobs()
            turnEnd?()

            let (mayEnd, maySleep) = inbox.withLock { inbox in
                let isIdle = inbox.jobs.isEmpty && inbox.works.isEmpty && jobs.isEmpty && works.isEmpty
                inbox.isAsleep = isIdle && !inbox.isStopping
                inbox.hasEnded = isIdle && inbox.isStopping
                return (isIdle && inbox.isStopping, isIdle)
            }
            cloader_leave()
            if mayEnd { break }
            guard maySleep else { continue }
            multi.poll(until: timers.next)
            inbox.withLock { $0.isAsleep = false }
        }
        csystem_set_thread_value(CSYSTEM_THREAD_LOOP, 0)
        let last = whenStopped
        (whenStopped, turnEnd) = (nil, nil)
        last?()
    }

    private func runWorks() {
        guard !works.isEmpty else { return }
        let batch = works
        works = []
        for work in batch { work() }
    }

    private func runJobs() {
        // Jobs may add jobs; they run in the same turn, in order.
        while !jobs.isEmpty {
            swap(&jobs, &batch)
            for job in batch {
                job.runSynchronously(isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
            }
            batch.removeAll(keepingCapacity: batch.count < 1024)
        }
    }

    private func fireTimers() {
        let now = ContinuousClock.now
        while let action = timers.takeDue(at: now) { action() }
    }
}

/// Why there is no event loop, as a text for people, and what the system is out of.
package struct EventLoopError: Error {
    package let text: String
    package let shortage: Shortage

    package init(_ text: String, _ shortage: Shortage) {
        self.text = text
        self.shortage = shortage
    }
}
