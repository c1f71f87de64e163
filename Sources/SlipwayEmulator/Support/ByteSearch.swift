import Glibc

/// Finding bytes among bytes.
enum ByteSearch {
    /// Where the first occurrence at or behind `start` begins; nil for an empty pattern.
    static func first(_ pattern: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
        bytes.withUnsafeBytes { bytes in
            pattern.withUnsafeBytes { pattern in
                guard let base = bytes.baseAddress, let wanted = pattern.baseAddress, let initial = pattern.first else { return nil }
                var position = max(0, start)
                // memmem, which Swift's Glibc does not have: candidates by memchr, which is fast.
                while position <= bytes.count - pattern.count {
                    guard let found = memchr(base + position, Int32(initial), bytes.count - pattern.count - position + 1) else {
                        return nil
                    }
                    if memcmp(found, wanted, pattern.count) == 0 {
                        return UnsafeRawPointer(found) - base
                    }
                    position = UnsafeRawPointer(found) - base + 1
                }
                return nil
            }
        }
    }
}
