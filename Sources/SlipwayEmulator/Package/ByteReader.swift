/// Little-endian numbers out of bytes that are not to be trusted: every read is checked, nothing traps.
struct ByteReader {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Nil when there are not so many bytes at that offset.
    func slice(at offset: Int, count: Int) -> ArraySlice<UInt8>? {
        let (end, overflow) = offset.addingReportingOverflow(count)
        guard offset >= 0, count >= 0, !overflow, end <= bytes.count else { return nil }
        return bytes[offset..<end]
    }

    func uint16(at offset: Int) -> UInt16? {
        number(at: offset, count: 2).map { UInt16(truncatingIfNeeded: $0) }
    }

    func uint32(at offset: Int) -> UInt32? {
        number(at: offset, count: 4).map { UInt32(truncatingIfNeeded: $0) }
    }

    func uint64(at offset: Int) -> UInt64? {
        number(at: offset, count: 8)
    }

    private func number(at offset: Int, count: Int) -> UInt64? {
        slice(at: offset, count: count)?.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
