#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Memory for large pieces of files, straight from the system and back to it. Through malloc the first of them that is freed would move the threshold from
/// which glibc does the same for the whole process; from then on each arena, the host's own ones included, would keep as much as the largest.
package enum Pages {
    /// At least one byte of it; whoever has it gives it to `free`.
    package static func allocate(_ count: Int) throws(SourceFile.Problem) -> UnsafeMutableRawBufferPointer {
        let start = mmap(nil, max(count, 1), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let start, start != MAP_FAILED else {
            throw SourceFile.Problem(text: "the system has no memory for a piece of the file", shortage: .memory)
        }
        return UnsafeMutableRawBufferPointer(start: start, count: max(count, 1))
    }

    package static func free(_ pages: UnsafeMutableRawBufferPointer) {
        guard let start = pages.baseAddress else { return }
        munmap(start, pages.count)
    }
}
