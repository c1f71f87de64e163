/// A bandwidth limit that transfers share: each takes a little in its turn, and who must wait is told when it may go on.
///
/// Belongs to the loop's thread.
package final class Pace: @unchecked Sendable {
    // Unchecked: requests carry it to the loop; only transfers, which are the loop's, touch it.

    /// One transfer's part in it.
    final class Share {
        /// May be sent now.
        fileprivate(set) var granted = 0
        fileprivate var isWaiting = false
        fileprivate var wanted = 0
        fileprivate let goOn: () -> Void

        fileprivate init(goOn: @escaping () -> Void) { self.goOn = goOn }
    }

    private let loop: EventLoop
    private let bytesPerSecond: UInt64
    /// What one transfer takes at a time.
    private let portion: Int
    /// When all that was granted has gone at this pace: the next may go then.
    private var due = ContinuousClock.now
    private var waiting = Queue<Share>()
    private var timer: TimerQueue.Token?

    /// So much time that was not used is made up for: the loop is not punctual to the microsecond.
    private static let slack = Duration.milliseconds(50)

    package init(bytesPerSecond: UInt64, on loop: EventLoop) {
        self.loop = loop
        self.bytesPerSecond = max(1, bytesPerSecond)
        // With eight at once, each moves every 125 ms.
        portion = Int(min(max(1, self.bytesPerSecond / 64), 256 << 10))
    }

    /// `goOn` is called when there is something to take after `take` has given nothing.
    func join(goOn: @escaping () -> Void) -> Share { Share(goOn: goOn) }

    /// How much of `wanted`, which is not 0, may be sent now. What was sent is to be told to `spend`.
    func take(_ wanted: Int, for share: Share) -> Int {
        guard share.granted == 0 else { return min(wanted, share.granted) }
        guard !share.isWaiting else { return 0 }
        let now = ContinuousClock.now
        if waiting.isEmpty && due <= now {
            grant(share, wanted, at: now)
            return share.granted
        }
        (share.isWaiting, share.wanted) = (true, wanted)
        waiting.append(share)
        if timer == nil { setTimer() }
        return 0
    }

    func spend(_ count: Int, of share: Share) { share.granted -= min(count, share.granted) }

    /// It takes no more: what it was granted and has not sent is for the others.
    func leave(_ share: Share) {
        due -= time(for: share.granted)
        (share.granted, share.isWaiting) = (0, false)
    }

    private func grant(_ share: Share, _ wanted: Int, at now: ContinuousClock.Instant) {
        share.granted = min(wanted, portion)
        due = max(due, now - Self.slack) + time(for: share.granted)
    }

    private func time(for count: Int) -> Duration { .seconds(Double(count) / Double(bytesPerSecond)) }

    private func setTimer() {
        timer = loop.addTimer(at: due) { [weak self] in self?.goOn() }
    }

    private func goOn() {
        timer = nil
        let now = ContinuousClock.now
        while due <= now, let share = waiting.popFirst() {
            guard share.isWaiting else { continue }
            share.isWaiting = false
            grant(share, share.wanted, at: now)
            share.goOn()
        }
        if !waiting.isEmpty { setTimer() }
    }
}
