internal import CZlib

/// The checksum of zip, gzip and x-amz-checksum-crc32, computed piece by piece by zlib.
struct CRC32: Sendable, Equatable {
    private(set) var value: UInt32 = 0

    init() throws(Failure) { try StorageLibraries.loadChecksums() }

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        // It says no only when zlib is not loaded, and without it there is no value of this type.
        _ = czlib_crc32(&value, bytes.baseAddress, bytes.count)
    }

    /// As x-amz-checksum-crc32 wants it.
    var base64: String { Base64.encode(bytes) }

    /// The highest first.
    var bytes: [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) } }
}
