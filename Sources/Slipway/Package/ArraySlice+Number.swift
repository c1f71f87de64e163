extension ArraySlice<UInt8> {
    /// The little-endian number that begins `offset` bytes behind the slice's start; nil when it is not all there.
    func number<Number: FixedWidthInteger & BitwiseCopyable>(_ type: Number.Type, at offset: Int) -> Number? {
        withUnsafeBytes { bytes in
            guard offset >= 0, offset <= bytes.count - MemoryLayout<Number>.size else { return nil }
            return Number(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Number.self))
        }
    }
}
