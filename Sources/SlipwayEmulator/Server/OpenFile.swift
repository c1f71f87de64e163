import Glibc

/// A file that is open for reading, closed with its last reference.
final class OpenFile: Sendable {
    private let descriptor: Int32
    /// Bytes, when it was opened.
    let size: UInt64

    /// Nil when there is no such file, when it may not be read, or when it is not a plain file.
    init?(path: String) {
        // O_NONBLOCK: opening a pipe must not wait for its other end.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        var information = stat()
        guard fstat(descriptor, &information) == 0, information.st_mode & S_IFMT == S_IFREG,
            let size = UInt64(exactly: information.st_size)
        else {
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
        self.size = size
    }

    /// Takes over a file that is open for reading and no longer written to.
    init(takingOver descriptor: Int32, size: UInt64) {
        self.descriptor = descriptor
        self.size = size
    }

    deinit {
        close(descriptor)
    }

    /// Reads at an offset; the number of bytes read, 0 at the end or on an error.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) -> Int {
        guard let offset = off_t(exactly: offset) else { return 0 }
        while true {
            let count = pread(descriptor, buffer.baseAddress, buffer.count, offset)
            if count >= 0 {
                return count
            }
            if errno != EINTR {
                return 0
            }
        }
    }
}
