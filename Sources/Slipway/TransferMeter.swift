internal import SlipwayHTTP

/// How far a file is on its way, and how fast it goes: tells of it as often as is worth it.
///
/// Belongs to the client's loop.
final class TransferMeter: @unchecked Sendable {
    // Unchecked: called by the transfer, which is the loop's.

    private let total: UInt64
    private let context: Context
    private let loop: EventLoop
    private var sent: UInt64 = 0
    private var told = ContinuousClock.now
    /// Where the rate is measured from: moments lately, the oldest first.
    private var marks: [(at: ContinuousClock.Instant, sent: UInt64)] = []

    private static let interval = Duration.milliseconds(100)
    /// So much of the past makes a rate: fast enough to follow, slow enough to read.
    private static let window = Duration.seconds(5)

    init(total: UInt64, _ context: Context, on loop: EventLoop) {
        self.total = total
        self.context = context
        self.loop = loop
    }

    /// For a form: gets how many bytes are gone.
    var onSent: @Sendable (UInt64) -> Void { { [self] in advance(to: $0) } }

    private func advance(to sent: UInt64) {
        // It was begun anew: the past tells nothing.
        if sent < self.sent { marks = [] }
        self.sent = sent
        let now = ContinuousClock.now
        guard sent == total || now - told >= Self.interval else { return }
        told = now
        marks.append((now, sent))
        if let first = marks.first, now - first.at > Self.window { marks.removeFirst() }
        tell()
    }

    func tell() {
        var bytes = Progress.Bytes(done: sent, total: total)
        if let first = marks.first, let last = marks.last, last.at - first.at >= Self.interval, last.sent > first.sent {
            let milliseconds = UInt64(clamping: (last.at - first.at).milliseconds)
            bytes.perSecond = Self.multiply(last.sent - first.sent, 1000) / max(1, milliseconds)
            if bytes.perSecond > 0 { bytes.timeLeft = .milliseconds(Self.multiply(total - min(sent, total), 1000) / bytes.perSecond) }
        }
        var progress = Progress(.transferring, "sending the file")
        progress.bytes = bytes
        context.report(progress, on: loop)
    }

    private static func multiply(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let (product, overflows) = a.multipliedReportingOverflow(by: b)
        return overflows ? .max : product
    }
}
