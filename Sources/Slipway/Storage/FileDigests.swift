internal import SlipwayHTTP

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// What hash functions make of some bytes of a file.
struct FileDigests: Sendable {
    struct Kinds: OptionSet, Sendable {
        let rawValue: Int

        static let md5 = Kinds(rawValue: 1)
        static let sha256 = Kinds(rawValue: 2)
        static let crc32 = Kinds(rawValue: 4)
    }

    private(set) var md5: Digest?
    private(set) var sha256: Digest?
    private(set) var crc32: CRC32?

    private static let pieceSize = 256 << 10

    /// Of bytes in memory.
    init(_ kinds: Kinds, of bytes: [UInt8]) throws(Failure) {
        if kinds.contains(.md5) { md5 = try Digest(.md5, of: bytes) }
        if kinds.contains(.sha256) { sha256 = try Digest(.sha256, of: bytes) }
        if kinds.contains(.crc32) {
            var sum = try CRC32()
            bytes.withUnsafeBytes { sum.update($0) }
            crc32 = sum
        }
    }

    /// Reads the bytes once for all of them. Blocks on the disk. `isCancelled` is asked between pieces.
    init(_ kinds: Kinds, of file: SourceFile, _ range: Range<UInt64>, isCancelled: () -> Bool) throws {
        let descriptor = try SourceFile.open(file.path)
        defer { close(descriptor) }
        try file.check(descriptor)
        let md5 = kinds.contains(.md5) ? try Hash(.md5) : nil
        let sha256 = kinds.contains(.sha256) ? try Hash(.sha256) : nil
        crc32 = kinds.contains(.crc32) ? try CRC32() : nil

        let piece = try Pages.allocate(Self.pieceSize)
        defer { Pages.free(piece) }
        var offset = range.lowerBound
        while offset < range.upperBound {
            if isCancelled() { throw CancellationError() }
            let wanted = Int(min(UInt64(piece.count), range.upperBound - offset))
            let bytes = UnsafeMutableRawBufferPointer(rebasing: piece[..<wanted])
            guard try file.read(descriptor, into: bytes, at: offset) == wanted else { throw file.changed }
            try md5?.update(UnsafeRawBufferPointer(bytes))
            try sha256?.update(UnsafeRawBufferPointer(bytes))
            crc32?.update(UnsafeRawBufferPointer(bytes))
            offset += UInt64(wanted)
        }
        try file.check(descriptor)
        self.md5 = try md5?.finish()
        self.sha256 = try sha256?.finish()
    }

    /// The one of this kind, if it was computed.
    func bytes(_ kind: Kinds) -> [UInt8]? {
        switch kind {
        case .md5: md5?.bytes
        case .sha256: sha256?.bytes
        case .crc32: crc32?.bytes
        default: nil
        }
    }
}
