package import SlipwayHTTP
import Synchronization

/// One call of the host that was started: its number, its callbacks, how long it may take and how far it is.
///
/// Belongs to the loop's thread, but for what is constant and for the latest news, which delivery reads on its own thread.
package final class Operation: @unchecked Sendable {
    // Unchecked: see above; the latest news has its lock.

    /// Why an operation ends before its work does.
    enum EarlyEnd { case cancelled, deadline }

    package let id: UInt64
    let name: StaticString
    let start: ContinuousClock.Instant
    let deadline: ContinuousClock.Instant?
    let onProgress: (@Sendable (UInt64, Progress, _ elapsed: Duration) -> Void)?
    let onComplete: @Sendable (Outcome) -> Void
    /// It waits for its turn until a connection could be had.
    let needsConnection: Bool

    /// Requests made so far, and the status of the last answer.
    package var attempts = 0
    package var httpStatus = 0
    /// Whether something that came from outside may hold a secret, and what is still to be looked at for that.
    private var hasSeenSecret = false
    private var unchecked: [UInt8] = []
    /// What it was doing when something was last worth telling.
    private(set) var lastMessage: String?
    /// Of a release: goes with all its news.
    package var release: (stage: ReleaseStage, resumeFrom: String)?

    var task: Task<Void, Never>?
    var isFinished = false
    private var ownEarlyEnd: EarlyEnd?
    var deadlineTimer: TimerQueue.Token?

    private var work: Client.Work?
    /// Nil when nobody wants to hear any.
    private let news: News?
    /// The operation that this one is a part of: one of many, with a result of its own.
    private let whole: Operation?

    /// Nine in a second and the last one make ten.
    private static let newsInterval = Duration.milliseconds(120)
    private static let lastID = Atomic<UInt64>(0)

    init(
        name: StaticString, deadline: Duration?, onProgress: (@Sendable (UInt64, Progress, Duration) -> Void)?,
        onComplete: @escaping @Sendable (Outcome) -> Void, needsConnection: Bool, _ work: @escaping Client.Work
    ) {
        id = Self.lastID.add(1, ordering: .relaxed).newValue
        self.name = name
        let start = ContinuousClock.now
        self.start = start
        self.deadline = deadline.map { start + $0 }
        self.onProgress = onProgress
        self.onComplete = onComplete
        self.needsConnection = needsConnection
        self.work = work
        news = onProgress == nil ? nil : News()
        whole = nil
    }

    /// A part of an operation that has many: its requests and its result are its own, number, time and end are the whole's.
    init(partOf whole: Operation, name: StaticString, onComplete: @escaping @Sendable (Outcome) -> Void) {
        id = whole.id
        self.name = name
        start = whole.start
        deadline = whole.deadline
        onProgress = nil
        self.onComplete = onComplete
        needsConnection = false
        news = nil
        self.whole = whole
    }

    var isPart: Bool { whole != nil }

    /// What is to be done, once: nil when it has been taken, for it runs or need not run any more.
    func takeWork() -> Client.Work? {
        defer { work = nil }
        return work
    }

    /// Whether there ever was an operation with that number, in any client of the process.
    package static func wasIssued(_ id: UInt64) -> Bool { id > 0 && id <= lastID.load(ordering: .relaxed) }

    var earlyEnd: EarlyEnd? { whole?.earlyEnd ?? ownEarlyEnd }

    /// Makes the work end soon. The first reason stays.
    func end(_ reason: EarlyEnd) {
        guard ownEarlyEnd == nil else { return }
        ownEarlyEnd = reason
        task?.cancel()
    }

    /// Takes note of what came from outside. The latest is looked at only when the answer is made: most operations have one.
    package func saw(_ body: [UInt8], _ redaction: Redaction) {
        if !unchecked.isEmpty && !hasSeenSecret { hasSeenSecret = redaction.isNeeded(for: unchecked) }
        unchecked = body
    }

    /// Whether the answer has to be cleaned before it is given to the host.
    func sawSecret(_ redaction: Redaction) -> Bool { hasSeenSecret || redaction.isNeeded(for: unchecked) }

    // MARK: Progress

    /// The latest progress, and what has become of it. `latest` has its lock; the rest belongs to the loop's thread.
    private final class News {
        let latest = Monitor<(progress: Progress?, isQueued: Bool)>((nil, false))
        var lastTold: ContinuousClock.Instant?
        var timer: TimerQueue.Token?
    }

    /// Tells the host, at most ten times a second; what comes faster replaces what was not told yet.
    package func report(_ progress: Progress, through delivery: Delivery, on loop: EventLoop) {
        lastMessage = progress.message
        guard let news else { return }
        var progress = progress
        if let release { (progress.release, progress.resumeFrom) = (release.stage, release.resumeFrom) }
        news.latest.withLock { $0.progress = progress }
        guard news.timer == nil else { return }
        let now = ContinuousClock.now
        guard let last = news.lastTold, last + Self.newsInterval > now else {
            news.lastTold = now
            return tell(news, through: delivery)
        }
        news.timer = loop.addTimer(at: last + Self.newsInterval) { [self] in
            news.timer = nil
            news.lastTold = .now
            tell(news, through: delivery)
        }
    }

    private func tell(_ news: News, through delivery: Delivery) {
        let mustQueue = news.latest.withLock { latest in
            guard latest.progress != nil, !latest.isQueued else { return false }
            latest.isQueued = true
            return true
        }
        if mustQueue { delivery.append(.progress(self)) }
    }

    /// Tells the host at once, and comes back when its callback has returned: for what it must know before anything else happens.
    package func reportAndWait(_ progress: Progress, through delivery: Delivery, on loop: EventLoop) async throws {
        report(progress, through: delivery, on: loop)
        guard let news else { return }
        if let timer = news.timer { loop.removeTimer(timer) }
        news.timer = nil
        tell(news, through: delivery)
        let told = Suspension<Void>(on: loop)
        delivery.append(.call { loop.run { told.resume(returning: ()) } })
        try await told.wait()
    }

    /// Before completion: what has not been told yet is told now.
    func finishNews(through delivery: Delivery, on loop: EventLoop) {
        guard let news else { return }
        if let timer = news.timer { loop.removeTimer(timer) }
        news.timer = nil
        tell(news, through: delivery)
    }

    /// On the delivering thread.
    func deliverNews() {
        let progress = news?.latest.withLock { latest in
            defer { latest = (nil, false) }
            return latest.progress
        }
        guard var progress else { return }
        progress.message = progress.message.inOneLine
        onProgress?(id, progress, start.duration(to: .now))
    }
}
