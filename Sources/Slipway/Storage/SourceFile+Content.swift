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
        let pieceSize = 1 << 20
        let ours = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceSize, alignment: 4096)
        defer { ours.deallocate() }
        let theirs = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceSize, alignment: 4096)
        defer { theirs.deallocate() }
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

    /// Reads as much of it as fits, and gives how much that was. Stops at the size that it had when it was looked at.
    func read(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(Problem) -> Int {
        let wanted = Int(min(UInt64(buffer.count), size > offset ? size - offset : 0))
        var done = 0
        while done < wanted {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done..<wanted])
            let count = pread(descriptor, rest.baseAddress, rest.count, off_t(clamping: offset) + off_t(done))
            let number = errno
            if count < 0 && number == EINTR { continue }
            guard count >= 0 else { throw Problem(text: "\(path) cannot be read: \(String(cString: strerror(number)))") }
            if count == 0 { break }
            done += count
        }
        return done
    }
}
