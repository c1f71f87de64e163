internal import CSystem

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// An open file, which is closed with the last reference: a thread may still read from it when nobody wants that any more.
final class Descriptor: Sendable {
    let number: Int32

    init(_ number: Int32) { self.number = number }

    /// Opens a file to read it from one end to the other. Blocks on the disk.
    convenience init(reading file: SourceFile) throws(SourceFile.Problem) {
        self.init(try SourceFile.open(file.path))
        try file.check(number)
        announce()
    }

    /// The same without waiting for anything. Nil says nothing about the file: whoever may block finds out.
    convenience init?(readingAtOnce file: SourceFile) {
        let number = csystem_open_cached(file.path)
        guard number >= 0 else { return nil }
        self.init(number)
        guard (try? file.check(number)) != nil else { return nil }
        announce()
    }

    deinit { close(number) }

    /// The system may read further ahead than it does for who jumps about.
    private func announce() {
        #if !canImport(Darwin)
            posix_fadvise(number, 0, 0, POSIX_FADV_SEQUENTIAL)
        #endif
    }
}
