internal import SlipwayHTTP

/// How far a file is on its way, and how fast it goes: tells of it as often as is worth it.
///
/// Belongs to the client's loop.
final class TransferMeter: @unchecked Sendable {
    // Unchecked: called by transfers, which are the loop's.

    private let total: UInt64
    private let context: Context
    private let loop: EventLoop
    /// Of the file: what is sent again counts once.
    private var done: UInt64 = 0
    /// All that has gone over the line, repeated bytes included.
    private(set) var moved: UInt64 = 0
    /// Its parts, when it goes in parts.
    var parts: Progress.Items?
    private var told = ContinuousClock.now
    /// Where the rate is measured from: moments lately, the oldest first.
    private var marks: [(at: ContinuousClock.Instant, moved: UInt64)] = []

    private static let interval = Duration.milliseconds(100)
    /// So much of the past makes a rate: fast enough to follow, slow enough to read.
    private static let window = Duration.seconds(5)

    init(total: UInt64, _ context: Context, on loop: EventLoop) {
        self.total = total
        self.context = context
        self.loop = loop
    }

    /// What one of the file's transfers has sent so far.
    private final class Counter: @unchecked Sendable {
        // Unchecked: as the meter.
        var sent: UInt64 = 0
    }

    /// For one form or one slice: gets how many of its bytes are gone.
    var onSent: @Sendable (UInt64) -> Void {
        let counter = Counter()
        return { [self] sent in
            // It was begun anew.
            if sent < counter.sent {
                done -= min(done, counter.sent)
                counter.sent = 0
            }
            let step = sent - counter.sent
            counter.sent = sent
            moved = moved.addingReportingOverflow(step).partialValue
            add(step)
        }
    }

    /// Bytes that are where they should be without having been sent.
    func add(_ bytes: UInt64) {
        done = done.addingReportingOverflow(bytes).partialValue
        let now = ContinuousClock.now
        guard done == total || now - told >= Self.interval else { return }
        told = now
        marks.append((now, moved))
        if let first = marks.first, now - first.at > Self.window { marks.removeFirst() }
        tell()
    }

    /// Nothing of what was sent is of use.
    func startOver() { done = 0 }

    func tell(_ message: String = "sending the file") {
        var bytes = Progress.Bytes(done: min(done, total), total: total)
        if let first = marks.first, let last = marks.last, last.at - first.at >= Self.interval, last.moved > first.moved {
            let milliseconds = UInt64(clamping: (last.at - first.at).milliseconds)
            bytes.perSecond = Self.multiply(last.moved - first.moved, 1000) / max(1, milliseconds)
            if bytes.perSecond > 0 { bytes.timeLeft = .milliseconds(Self.multiply(total - bytes.done, 1000) / bytes.perSecond) }
        }
        var progress = Progress(.transferring, message)
        progress.bytes = bytes
        progress.items = parts
        context.report(progress, on: loop)
    }

    private static func multiply(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let (product, overflows) = a.multipliedReportingOverflow(by: b)
        return overflows ? .max : product
    }
}
