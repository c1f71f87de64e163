internal import CCurl

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A range of a file on its way into a connection: what libcurl calls for it.
///
/// Belongs to the loop's thread.
final class FileBody {
    private let size: UInt64
    private let reader: FileReader
    private let pace: Pace?
    private let share: Pace.Share?
    private let onSent: (UInt64) -> Void
    /// Called when the last byte has been given away: from now on it is the server's turn.
    private let onEnd: () -> Void
    /// Called when libcurl begins anew.
    private let onRewind: () -> Void
    private var sent: UInt64 = 0

    /// libcurl's answers, which are macros with casts.
    private static let pause = Int(CURL_READFUNC_PAUSE)
    private static let abort = Int(CURL_READFUNC_ABORT)

    /// `goOn` is called on any thread when a paused transfer can go on.
    init(
        _ file: SourceFile, _ range: Range<UInt64>, pace: Pace? = nil, onSent: @escaping (UInt64) -> Void, onEnd: @escaping () -> Void,
        onRewind: @escaping () -> Void, goOn: @escaping @Sendable () -> Void
    ) {
        size = range.upperBound - range.lowerBound
        reader = FileReader(file, range, onMore: goOn)
        self.pace = pace
        share = pace?.join(goOn: goOn)
        self.onSent = onSent
        self.onEnd = onEnd
        self.onRewind = onRewind
    }

    deinit {
        if let share { pace?.leave(share) }
    }

    /// What was wrong with the file or with reading it, when that is why the transfer failed.
    var problem: SourceFile.Problem? { reader.problem }

    /// All of it has been given away.
    var isWhole: Bool { sent == size }

    static func read(_ target: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ this: UnsafeMutableRawPointer?) -> Int {
        guard let this, let target else { return abort }
        let (room, overflows) = size.multipliedReportingOverflow(by: count)
        guard !overflows else { return abort }
        return Unmanaged<FileBody>.fromOpaque(this).takeUnretainedValue().read(UnsafeMutableRawBufferPointer(start: target, count: room))
    }

    /// libcurl begins anew when a connection that was kept open turns out to be dead, or a server wants the request without "Expect".
    static func seek(_ this: UnsafeMutableRawPointer?, _ offset: curl_off_t, _ origin: Int32) -> Int32 {
        guard let this, origin == SEEK_SET, offset >= 0 else { return CURL_SEEKFUNC_CANTSEEK }
        return Unmanaged<FileBody>.fromOpaque(this).takeUnretainedValue().rewind(to: UInt64(offset))
    }

    /// A request is about to be sent on a connection that stands: it begins with the first byte. libcurl repeats a request by itself when a connection
    /// that was kept open turns out to be dead, and does not go back to the beginning when nothing had been written yet of what it had read.
    static func begin(_ this: UnsafeMutableRawPointer?) -> Int32 {
        guard let this else { return CURL_PREREQFUNC_ABORT }
        let body = Unmanaged<FileBody>.fromOpaque(this).takeUnretainedValue()
        guard body.sent > 0 else { return CURL_PREREQFUNC_OK }
        return body.rewind(to: 0) == CURL_SEEKFUNC_OK ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
    }

    private func read(_ target: UnsafeMutableRawBufferPointer) -> Int {
        guard sent < size, !target.isEmpty else { return 0 }
        var room = target
        if let pace, let share {
            let allowed = pace.take(Int(min(UInt64(target.count), size - sent)), for: share)
            guard allowed > 0 else { return Self.pause }
            room = UnsafeMutableRawBufferPointer(rebasing: target.prefix(allowed))
        }
        switch reader.take(into: room) {
        case .bytes(let count):
            if let share { pace?.spend(count, of: share) }
            sent += UInt64(count)
            onSent(sent)
            if isWhole { onEnd() }
            return count
        case .notYet: return Self.pause
        case .broken: return Self.abort
        }
    }

    private func rewind(to position: UInt64) -> Int32 {
        guard reader.seek(to: position) else { return CURL_SEEKFUNC_FAIL }
        sent = position
        onRewind()
        return CURL_SEEKFUNC_OK
    }
}
