internal import SlipwayHTTP

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

extension SourceFile {
    /// Whether another open file has the same bytes, as far as this one goes. Blocks on the disk for as long as they are the same. Throws
    /// CancellationError when it was cancelled.
    func hasSameBytes(_ descriptor: Int32, as other: Int32, isCancelled: () -> Bool) throws -> Bool {
        let pieceSize = Int(min(size, 1 << 20))
        let ours = try Pages.allocate(pieceSize)
        defer { Pages.free(ours) }
        let theirs = try Pages.allocate(pieceSize)
        defer { Pages.free(theirs) }
        var offset: UInt64 = 0
        while offset < size {
            if isCancelled() { throw CancellationError() }
            let count = try read(descriptor, into: ours, at: offset)
            guard count > 0 else { throw changed }
            // One that cannot be read is not the same.
            guard let found = try? read(other, into: theirs, at: offset), found == count, let one = ours.baseAddress,
                let two = theirs.baseAddress, memcmp(one, two, count) == 0
            else { return false }
            offset += UInt64(count)
        }
        return true
    }
}
