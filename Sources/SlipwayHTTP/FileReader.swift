internal import CSystem

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// The bytes of a range of a file, in their order, for who sends them. What the system has in memory is read at once, straight to where it is
/// wanted; the rest is read ahead by a thread: the loop never waits for a disk, and a range of any size takes the memory of a few pieces.
///
/// The last of the bytes are given away only after the file has been found unchanged: who sends less than all has sent nothing that a server
/// could take for it.
///
/// Belongs to the loop's thread.
final class FileReader {
    enum Piece: Equatable {
        /// None: that was the end.
        case bytes(Int)
        /// Nothing has been read yet: `onMore` will be called.
        case notYet
        /// The file is not what it was, or cannot be read: see `problem`.
        case broken
    }

    private let file: SourceFile
    private let range: Range<UInt64>
    private var offset: UInt64
    private let readsAtOnce: Bool
    private var descriptor: Descriptor?
    private var ahead: ReadAhead?
    private(set) var problem: SourceFile.Problem?
    /// Called on any thread when there is something to take after `notYet`.
    private let onMore: @Sendable () -> Void

    /// So much is left to a thread before it is asked again what is in memory: where a byte is missing, more are.
    static let stretch: UInt64 = 16 << 20

    /// `readsAtOnce` is for tests: whether the reader may ask what is in memory.
    init(_ file: SourceFile, _ range: Range<UInt64>, readsAtOnce: Bool? = nil, onMore: @escaping @Sendable () -> Void) {
        self.file = file
        self.range = range
        self.readsAtOnce = readsAtOnce ?? file.tellsWhatIsInMemory
        self.onMore = onMore
        offset = range.lowerBound
    }

    deinit { ahead?.abandon() }

    /// Puts what there is into `target`, which has room for a byte at least.
    func take(into target: UnsafeMutableRawBufferPointer) -> Piece {
        while offset < range.upperBound && problem == nil {
            if let ahead {
                switch ahead.take(into: target) {
                case .bytes(0): (descriptor, self.ahead) = (ahead.descriptor, nil)
                case .bytes(let count):
                    offset += UInt64(count)
                    return .bytes(count)
                case .notYet: return .notYet
                case .broken: problem = ahead.problem
                }
            } else if readsAtOnce, let count = readAtOnce(into: target) {
                offset += UInt64(count)
                return .bytes(count)
            } else {
                readAhead()
            }
        }
        return problem == nil ? .bytes(0) : .broken
    }

    /// Begins anew with the range's byte of that number. False when it has none.
    func seek(to position: UInt64) -> Bool {
        guard position <= range.upperBound - range.lowerBound else { return false }
        ahead?.abandon()
        (ahead, problem) = (nil, nil)
        offset = range.lowerBound + position
        return true
    }

    /// Nil whenever it is not plainly there: a thread finds out why.
    private func readAtOnce(into target: UnsafeMutableRawBufferPointer) -> Int? {
        guard let open = descriptor ?? Descriptor(readingAtOnce: file) else { return nil }
        descriptor = open
        let wanted = Int(min(UInt64(target.count), range.upperBound - offset))
        let count = csystem_read_cached(open.number, target.baseAddress, wanted, off_t(clamping: offset))
        guard count > 0, count <= wanted else { return nil }
        return offset + UInt64(count) < range.upperBound || isUnchanged(open) ? count : nil
    }

    private func isUnchanged(_ open: consuming Descriptor) -> Bool {
        guard (try? file.check(open.number)) != nil else { return false }
        // Closed before the path is tried: a range holds one descriptor at a time.
        descriptor = nil
        _ = consume open
        return Descriptor(readingAtOnce: file) != nil
    }

    private func readAhead() {
        let end = range.upperBound - offset > Self.stretch ? offset + Self.stretch : range.upperBound
        ahead = ReadAhead(file, offset..<end, endsWithCheck: end == range.upperBound, descriptor, onMore: onMore)
        descriptor = nil
        guard ahead == nil else { return }
        let shortage = Shortage.oneMoreThread
        problem = SourceFile.Problem(text: "\(file.path) cannot be read: \(shortage.text)", shortage: shortage)
    }
}
