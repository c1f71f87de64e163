internal import CSystem

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A file of this machine as it was when it was looked at: what is sent later must still be that file.
package struct SourceFile: Sendable, Equatable {
    package let path: String
    /// In bytes.
    package let size: UInt64
    private let device: UInt64
    private let inode: UInt64
    private let seconds: Int64
    private let nanoseconds: Int64
    /// Its file system knows what of it is in memory, and reads that without waiting. One that does not know may have to ask a server even for
    /// the size.
    let tellsWhatIsInMemory: Bool

    /// What is wrong with the file, for a person: the whole sentence, with the path in it.
    package struct Problem: Error, Equatable {
        package let text: String
        /// Nothing is wrong with the file: this is what the system is out of.
        package let shortage: Shortage?

        package init(text: String, shortage: Shortage? = nil) {
            self.text = text
            self.shortage = shortage
        }
    }

    /// Looks at a file. Blocks on the disk: see `EventLoop.offload`.
    package init(_ path: String) throws(Problem) {
        let descriptor = try Self.open(path)
        defer { close(descriptor) }
        try self.init(path, descriptor)
    }

    /// What an open descriptor leads to.
    package init(_ path: String, _ descriptor: Int32) throws(Problem) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Problem(text: "\(path) cannot be read: \(Self.reason)") }
        guard status.st_mode & S_IFMT == S_IFREG else { throw Problem(text: "\(path) is \(Self.kind(status.st_mode)), not a file") }
        self.path = path
        size = UInt64(clamping: status.st_size)
        device = UInt64(truncatingIfNeeded: status.st_dev)
        inode = UInt64(truncatingIfNeeded: status.st_ino)
        #if canImport(Darwin)
            let modified = status.st_mtimespec
        #else
            let modified = status.st_mtim
        #endif
        seconds = Int64(modified.tv_sec)
        nanoseconds = Int64(modified.tv_nsec)
        var byte: UInt8 = 0
        tellsWhatIsInMemory = csystem_read_cached(descriptor, &byte, 1, 0) >= 0 || errno == EAGAIN
    }

    package static func == (a: SourceFile, b: SourceFile) -> Bool {
        (a.path, a.size, a.device, a.inode, a.seconds, a.nanoseconds) == (b.path, b.size, b.device, b.inode, b.seconds, b.nanoseconds)
    }

    /// A descriptor to read from; the caller closes it. A FIFO or a device does not block it.
    package static func open(_ path: String) throws(Problem) -> Int32 {
        while true {
            #if canImport(Darwin)
                let descriptor = csystem_beyond_standard(Darwin.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY))
            #else
                let descriptor = csystem_beyond_standard(Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY))
            #endif
            if descriptor >= 0 { return descriptor }
            guard errno == EINTR else {
                let shortage = Shortage(errno: errno)
                throw Problem(text: "\(path) cannot be opened: \(reason)", shortage: shortage)
            }
        }
    }

    /// Throws unless the descriptor leads to the very file that was looked at, as it was.
    package func check(_ descriptor: Int32) throws(Problem) {
        guard try SourceFile(path, descriptor) == self else { throw changed }
    }

    /// Throws unless the path still leads to it, as it was, not to a newer one that has taken its place. Blocks on the disk.
    package func checkPath() throws(Problem) {
        guard try SourceFile(path) == self else { throw changed }
    }

    /// Reads as much of it as fits, and gives how much that was. Stops at the size that it had when it was looked at.
    package func read(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(Problem) -> Int {
        let wanted = Int(min(UInt64(buffer.count), size > offset ? size - offset : 0))
        var done = 0
        while done < wanted {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done..<wanted])
            let count = pread(descriptor, rest.baseAddress, rest.count, off_t(clamping: offset) + off_t(done))
            let number = errno
            if count < 0 && number == EINTR { continue }
            guard count >= 0 else { throw Problem(text: "\(path) cannot be read: \(String(systemError: number))") }
            if count == 0 { break }
            done += count
        }
        return done
    }

    /// The problem to report when it is not what it was.
    package var changed: Problem { Problem(text: "\(path) has changed while it was being sent") }

    static var reason: String { String(systemError: errno) }

    private static func kind(_ mode: mode_t) -> String {
        switch mode & S_IFMT {
        case S_IFDIR: "a folder"
        case S_IFIFO: "a pipe"
        case S_IFSOCK: "a socket"
        case S_IFCHR, S_IFBLK: "a device"
        default: "something else"
        }
    }
}
