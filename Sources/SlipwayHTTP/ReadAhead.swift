#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Reads a range of a file once, on a thread of its own and a little ahead of who sends it: for what is not in memory.
final class ReadAhead: Sendable {
    private struct State {
        /// Pieces that were read, oldest first, and how much of the first one was taken.
        var full: [Buffer] = []
        var taken = 0
        var free: [Buffer] = []
        var buffers = 0
        var descriptor: Descriptor?
        var hasEnded = false
        var isAbandoned = false
        var isStarved = false
        var problem: SourceFile.Problem?
    }

    /// Memory that one thread at a time reads or writes: who has taken it out of the state.
    private final class Buffer: @unchecked Sendable {
        // Unchecked: see above.
        let bytes: UnsafeMutableRawBufferPointer
        var count = 0

        init(size: Int) throws(SourceFile.Problem) { bytes = try Pages.allocate(size) }

        deinit { Pages.free(bytes) }
    }

    static let pieceSize = 256 << 10
    static let pieces = 3

    private let file: SourceFile
    private let range: Range<UInt64>
    private let endsWithCheck: Bool
    private let state: Monitor<State>
    /// Called on any thread when there is something to take after `notYet`.
    private let onMore: @Sendable () -> Void

    /// Starts reading; from `descriptor`, which the caller gives up, if there is one. With `endsWithCheck`, the last piece is given away only
    /// after the file has been found unchanged. Nil when the system has no thread to give.
    init?(
        _ file: SourceFile, _ range: Range<UInt64>, endsWithCheck: Bool, _ descriptor: Descriptor? = nil,
        onMore: @escaping @Sendable () -> Void
    ) {
        self.file = file
        self.range = range
        self.endsWithCheck = endsWithCheck
        self.onMore = onMore
        state = Monitor(State(descriptor: descriptor))
        guard Thread.start(named: "slipway-read", { [self] in read() }) else { return nil }
    }

    var problem: SourceFile.Problem? { state.withLock { $0.problem } }

    /// What is left of it at the end, to read on from: open, unless the file was checked.
    var descriptor: Descriptor? { state.withLock { $0.descriptor } }

    /// Nobody wants any more: the thread ends.
    func abandon() {
        state.withLock { $0.isAbandoned = true }
        state.notifyAll()
    }

    /// Copies what there is into `target`. 0 bytes: that was the end.
    func take(into target: UnsafeMutableRawBufferPointer) -> FileReader.Piece {
        let (piece, isOneFree) = state.withLock { state -> (FileReader.Piece, Bool) in
            guard let first = state.full.first else {
                if state.problem != nil { return (.broken, false) }
                if state.hasEnded { return (.bytes(0), false) }
                state.isStarved = true
                return (.notYet, false)
            }
            let count = min(target.count, first.count - state.taken)
            target.copyMemory(from: UnsafeRawBufferPointer(rebasing: first.bytes[state.taken..<state.taken + count]))
            state.taken += count
            guard state.taken == first.count else { return (.bytes(count), false) }
            state.taken = 0
            state.free.append(state.full.removeFirst())
            return (.bytes(count), true)
        }
        if isOneFree { state.notifyAll() }
        return piece
    }

    // MARK: On its thread

    private func read() {
        do throws(SourceFile.Problem) {
            var descriptor: Descriptor? = try opened()
            let number = descriptor?.number ?? -1
            var offset = range.lowerBound
            while offset < range.upperBound {
                guard let buffer = try nextFree() else { return }
                try fill(buffer, number, offset)
                offset += UInt64(buffer.count)
                if offset == range.upperBound && endsWithCheck {
                    try file.check(number)
                    // Closed before the path is tried: a range holds one descriptor at a time.
                    descriptor = nil
                    try file.checkPath()
                }
                publish { $0.full.append(buffer) }
            }
            publish { ($0.descriptor, $0.hasEnded) = (descriptor, true) }
        } catch {
            publish { $0.problem = error }
        }
    }

    private func opened() throws(SourceFile.Problem) -> Descriptor {
        let given = state.withLock { state in
            defer { state.descriptor = nil }
            return state.descriptor
        }
        if let given { return given }
        return try Descriptor(reading: file)
    }

    /// Nil: nobody wants any more.
    private func nextFree() throws(SourceFile.Problem) -> Buffer? {
        let (isWanted, free) = state.wait { state -> (Bool, Buffer?)? in
            if state.isAbandoned { return (false, nil) }
            if let buffer = state.free.popLast() { return (true, buffer) }
            guard state.buffers < Self.pieces else { return nil }
            state.buffers += 1
            return (true, nil)
        }
        guard isWanted else { return nil }
        return if let free { free } else { try Buffer(size: Self.pieceSize) }
    }

    private func fill(_ buffer: Buffer, _ descriptor: Int32, _ offset: UInt64) throws(SourceFile.Problem) {
        let wanted = Int(min(UInt64(buffer.bytes.count), range.upperBound - offset))
        buffer.count = try file.read(descriptor, into: UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[..<wanted]), at: offset)
        guard buffer.count == wanted else { throw file.changed }
    }

    private func publish(_ change: (inout State) -> Void) {
        let wasStarved = state.withLock { state in
            change(&state)
            defer { state.isStarved = false }
            return state.isStarved
        }
        if wasStarved { onMore() }
    }
}
