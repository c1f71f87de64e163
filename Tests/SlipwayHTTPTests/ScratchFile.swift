import Glibc

/// A file that goes with the test.
final class ScratchFile: Sendable {
    let path: String

    /// On the disk, or where `folder` says.
    init(_ bytes: [UInt8], in folder: String = "/tmp") {
        var name = Array("\(folder)/slipway-read-XXXXXX".utf8CString)
        let descriptor = mkstemp(&name)
        path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        Self.write(bytes, descriptor)
        close(descriptor)
    }

    deinit { unlink(path) }

    private static func write(_ bytes: [UInt8], _ descriptor: Int32) {
        var offset = 0
        while offset < bytes.count {
            let count = bytes[offset...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            offset += count
        }
    }

    func append(_ bytes: [UInt8]) {
        let descriptor = open(path, O_WRONLY | O_APPEND)
        Self.write(bytes, descriptor)
        close(descriptor)
    }

    /// Puts another file in its place.
    func replace(by bytes: [UInt8]) {
        withExtendedLifetime(ScratchFile(bytes)) { other in _ = rename(other.path, path) }
    }

    /// Takes the file, from `offset` on, out of the memory of the system.
    func forget(from offset: Int = 0) {
        let descriptor = open(path, O_RDONLY)
        fsync(descriptor)
        posix_fadvise(descriptor, off_t(offset), 0, POSIX_FADV_DONTNEED)
        close(descriptor)
    }

    /// Bytes of which no piece is like the one before.
    static func pattern(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { bytes, written in
            for index in 0..<min(count, 65_521) { bytes[index] = UInt8(truncatingIfNeeded: index &* 31 &+ index >> 8) }
            for start in stride(from: 65_521, to: count, by: 65_521) {
                let length = min(65_521, count - start)
                UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(bytes)[start..<start + length])
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[..<length]))
            }
            written = count
        }
    }

    /// Debug builds compare arrays byte by byte, which takes longer than everything else here.
    static func isSame(_ a: [UInt8], _ b: [UInt8], _ range: Range<Int>) -> Bool {
        guard a.count == range.count, range.upperBound <= b.count else { return false }
        return a.withUnsafeBytes { a in
            b.withUnsafeBytes { b in
                guard let a = a.baseAddress, let b = b.baseAddress else { return range.isEmpty }
                return memcmp(a, b + range.lowerBound, range.count) == 0
            }
        }
    }
}
