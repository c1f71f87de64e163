/// Random names that nobody can guess, from the system's own source of randomness.
enum UUID {
    private static let digits = Array("0123456789abcdef".utf8)

    /// Version 4, such as "1b4e28ba-2fa1-41d2-883f-0016d3cca427".
    static func make() -> String {
        var (high, low) = random()
        high = high & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
        low = low & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        return text(high, low, length: 36) { $0 == 8 || $0 == 12 || $0 == 16 || $0 == 20 }
    }

    /// 128 random bits as 32 digits.
    static func makeHex() -> String {
        let (high, low) = random()
        return text(high, low, length: 32) { _ in false }
    }

    private static func random() -> (UInt64, UInt64) {
        var generator = SystemRandomNumberGenerator()
        return (generator.next(), generator.next())
    }

    private static func text(_ high: UInt64, _ low: UInt64, length: Int, hyphen: (Int) -> Bool) -> String {
        String(unsafeUninitializedCapacity: length) { bytes in
            var at = 0
            for digit in 0..<32 {
                if hyphen(digit) {
                    bytes[at] = UInt8(ascii: "-")
                    at += 1
                }
                let word = digit < 16 ? high : low
                bytes[at] = digits[Int(truncatingIfNeeded: word >> UInt64(60 - 4 * (digit % 16)) & 15)]
                at += 1
            }
            return at
        }
    }
}
