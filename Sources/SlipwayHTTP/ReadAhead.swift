#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Reads a file once, from its beginning, on a thread of its own and a little ahead of who sends it: the loop never waits for the disk, and a
/// file of any size takes the memory of a few pieces.
///
/// The last piece is given away only after the file has been found unchanged: who sends less than the whole has sent nothing that a server
/// could take for it.
final class ReadAhead: Sendable {
    enum Piece: Equatable {
        case bytes(Int)
        /// Nothing has been read yet: `onMore` will be called.
        case notYet
        /// The file is not what it was, or cannot be read: see `problem`.
        case broken
    }

    private struct State {
        /// Pieces that were read, oldest first, and how much of the first one was taken.
        var full: [Buffer] = []
        var taken = 0
        var free: [Buffer]
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

        init(size: Int) { bytes = .allocate(byteCount: size, alignment: 4096) }

        deinit { bytes.deallocate() }
    }

    private static let pieceSize = 512 << 10
    private static let pieces = 3

    let file: SourceFile
    private let state: Monitor<State>
    /// Called on any thread when there is something to take after `notYet`.
    private let onMore: @Sendable () -> Void

    /// Starts reading. Nil when the system has no thread to give.
    init?(_ file: SourceFile, onMore: @escaping @Sendable () -> Void) {
        self.file = file
        self.onMore = onMore
        state = Monitor(State(free: (0..<Self.pieces).map { _ in Buffer(size: Self.pieceSize) }))
        guard Thread.start(named: "slipway-read", { [self] in read() }) else { return nil }
    }

    var problem: SourceFile.Problem? { state.withLock { $0.problem } }

    /// Nobody wants any more: the thread ends.
    func abandon() {
        state.withLock { $0.isAbandoned = true }
        state.notifyAll()
    }

    /// Copies what there is into `target`. 0 bytes: that was the end.
    func take(into target: UnsafeMutableRawBufferPointer) -> Piece {
        let (piece, isOneFree) = state.withLock { state -> (Piece, Bool) in
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
            let descriptor = try SourceFile.open(file.path)
            defer { close(descriptor) }
            try file.check(descriptor)
            #if !canImport(Darwin)
                posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
            #endif
            var offset: UInt64 = 0
            while offset < file.size, let buffer = nextFree() {
                try fill(buffer, descriptor, offset)
                offset += UInt64(buffer.count)
                if offset == file.size { try checkEnd(descriptor) }
                publish { $0.full.append(buffer) }
            }
            publish { $0.hasEnded = true }
        } catch {
            publish { $0.problem = error }
        }
    }

    /// It is what it was; and its path still leads to it, not to a newer one that has taken its place.
    private func checkEnd(_ descriptor: Int32) throws(SourceFile.Problem) {
        try file.check(descriptor)
        guard try SourceFile(file.path) == file else { throw file.changed }
    }

    /// Nil: nobody wants any more.
    private func nextFree() -> Buffer? {
        state.wait { state -> Buffer?? in
            if state.isAbandoned { return .some(nil) }
            return state.free.popLast().map { .some($0) }
        }
    }

    private func fill(_ buffer: Buffer, _ descriptor: Int32, _ offset: UInt64) throws(SourceFile.Problem) {
        let wanted = Int(min(UInt64(buffer.bytes.count), file.size - offset))
        buffer.count = 0
        while buffer.count < wanted {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[buffer.count..<wanted])
            let count = pread(descriptor, rest.baseAddress, rest.count, off_t(clamping: offset) + off_t(buffer.count))
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw SourceFile.Problem(text: "\(file.path) cannot be read: \(SourceFile.reason)") }
            guard count > 0 else { throw file.changed }
            buffer.count += count
        }
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
