#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Holds a copy back to so many bytes per second, from when it is made.
struct CopyPace {
    private static let longestSleep = Duration.milliseconds(50)

    private let bytesPerSecond: UInt64
    private let start = ContinuousClock.now

    /// 0: no limit.
    init(_ bytesPerSecond: UInt64) { self.bytesPerSecond = bytesPerSecond }

    /// What may be copied at once.
    var pieceSize: UInt64 { bytesPerSecond == 0 ? .max : max(1, bytesPerSecond / 10) }

    /// Returns when the next piece may be copied; `offset` bytes were. Throws CancellationError.
    func wait(after offset: UInt64, isCancelled: () -> Bool) throws {
        guard bytesPerSecond > 0 else { return }
        let due = start + .seconds(Double(offset) / Double(bytesPerSecond))
        while true {
            let left = due - ContinuousClock.now
            guard left > .zero else { return }
            if isCancelled() { throw CancellationError() }
            let nanoseconds = min(left, Self.longestSleep).components.attoseconds / 1_000_000_000
            var time = timespec(tv_sec: 0, tv_nsec: Int(nanoseconds))
            nanosleep(&time, nil)
        }
    }
}
