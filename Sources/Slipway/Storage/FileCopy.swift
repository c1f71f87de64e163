internal import CSystem
internal import SlipwayHTTP

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// The bytes of a file on their way into another one that is open. Blocks on the disk.
struct FileCopy {
    /// From the cheapest one on.
    enum Way: CaseIterable {
        /// The new file shares the blocks of the old one until one of them is written to.
        case clone
        /// Inside the kernel, or on the server that both are on.
        case range
        /// Read and written.
        case pieces
    }

    /// What one call of the kernel copies, and what is read before it is written.
    private static let rangeSize: UInt64 = 16 << 20
    private static let pieceSize: UInt64 = 1 << 20

    let file: SourceFile
    let source: Int32
    let target: Int32
    /// For messages.
    let targetPath: String
    /// 0: no limit.
    var bytesPerSecond: UInt64 = 0
    var ways = Way.allCases

    /// Gives the way that the last byte took. Throws CancellationError when it was cancelled.
    @discardableResult
    func run(onCopied: (UInt64) -> Void, isCancelled: () -> Bool) throws -> Way {
        // Whatever is against a way, the last one finds out whether it is more than that: file systems name very different reasons.
        if ways.contains(.clone), csystem_clone(target, source) == 0 {
            onCopied(file.size)
            return .clone
        }
        try reserve()
        let pace = CopyPace(bytesPerSecond)
        let buffer = try Pages.allocate(Int(min(file.size, Self.pieceSize)))
        defer { Pages.free(buffer) }
        var way = ways.contains(.range) ? Way.range : .pieces
        var offset: UInt64 = 0
        while offset < file.size {
            if isCancelled() { throw CancellationError() }
            let rest = min(file.size - offset, pace.pieceSize)
            var copied = 0
            if way == .range {
                copied = max(0, csystem_copy_range(target, source, Int64(clamping: offset), Int(min(rest, Self.rangeSize))))
                // Nothing is also what some file systems say that cannot do it.
                if copied == 0 { way = .pieces }
            }
            if way == .pieces {
                copied = try copyPiece(UnsafeMutableRawBufferPointer(rebasing: buffer[..<Int(min(rest, UInt64(buffer.count)))]), offset)
            }
            // So that flushing at the end does not wait for all of it.
            csystem_begin_flush(target, Int64(clamping: offset), Int64(copied))
            offset += UInt64(copied)
            onCopied(offset)
            try pace.wait(after: offset, isCancelled: isCancelled)
        }
        return way
    }

    /// How many bytes it was.
    private func copyPiece(_ buffer: UnsafeMutableRawBufferPointer, _ offset: UInt64) throws -> Int {
        let count = try file.read(source, into: buffer, at: offset)
        guard count > 0 else { throw file.changed }
        var written = 0
        while written < count {
            let rest = UnsafeRawBufferPointer(rebasing: buffer[written..<count])
            written += try SystemError.check("\(targetPath) cannot be written") {
                pwrite(target, rest.baseAddress, rest.count, off_t(clamping: offset) + off_t(written))
            }
        }
        return count
    }

    /// Throws when there is not room enough: before 24 GB have been copied, and without taking the last block from everybody else.
    private func reserve() throws(SystemError) {
        guard file.size > 0 else { return }
        var disk = statvfs()
        if fstatvfs(target, &disk) == 0, disk.f_blocks > 0 {
            // Some blocks are kept for the superuser.
            let (free, isVast) = (geteuid() == 0 ? UInt64(disk.f_bfree) : UInt64(disk.f_bavail)).multipliedReportingOverflow(
                by: UInt64(disk.f_frsize))
            guard isVast || free >= file.size else {
                throw SystemError(
                    ENOSPC, message: "\(targetPath) cannot be written: it needs \(file.size) bytes, and \(free) are free on that disk",
                    hint: SystemError.hint(ENOSPC))
            }
        }
        guard csystem_reserve(target, Int64(clamping: file.size)) != 0 else { return }
        let number = errno
        if [ENOSPC, EDQUOT, EFBIG, EIO].contains(number) { throw SystemError(number, "\(targetPath) cannot be written") }
    }
}
