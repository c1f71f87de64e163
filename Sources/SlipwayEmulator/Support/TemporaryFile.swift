import Glibc

/// A file without a name that is being written: gone with its last reference, and with the process, however that ends.
final class TemporaryFile {
    private var descriptor: Int32
    private var size: UInt64 = 0

    /// Nil when there can be none; see `problem`.
    init?() {
        // Not /tmp unless asked: on many systems that is memory, and builds are larger than that.
        let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/var/tmp"
        var path = Array("\(folder)/slipway-emulator-XXXXXX".utf8CString)
        descriptor = mkstemp(&path)
        guard descriptor >= 0 else { return nil }
        unlink(path)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    deinit {
        if descriptor >= 0 {
            close(descriptor)
        }
    }

    /// Why the last call on this thread failed.
    static var problem: String {
        String(cString: strerror(errno))
    }

    /// False when the bytes cannot be kept.
    func append(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let buffer = UnsafeRawBufferPointer(rebasing: rest)
                let count = write(descriptor, buffer.baseAddress, buffer.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                rest = rest.dropFirst(count)
                size += UInt64(count)
            }
            return true
        }
    }

    /// Makes the file so long, with zeros that take no room.
    func extend(to length: UInt64) -> Bool {
        guard let offset = off_t(exactly: length), ftruncate(descriptor, offset) == 0 else { return false }
        size = length
        return true
    }

    /// The file, for reading; nil when that was done before. Nothing can be written any more.
    func finish() -> OpenFile? {
        guard descriptor >= 0 else { return nil }
        defer { descriptor = -1 }
        return OpenFile(takingOver: descriptor, size: size)
    }
}
