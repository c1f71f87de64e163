/// Ids as the service makes them: 24 hex digits.
enum Identifier {
    /// A new one, made of the time and of chance, so that two of them never agree, also across runs.
    static func random() -> String {
        hex(UInt64(truncatingIfNeeded: Clock.wall / 1000), digits: 8) + hex(UInt64.random(in: 0...UInt64.max), digits: 16)
    }

    /// The same one in every run, so that a pipeline's configuration can name it: a `kind` and a number.
    static func fixed(kind: UInt8, _ number: Int) -> String {
        "64a0" + hex(UInt64(kind), digits: 4) + hex(UInt64(number.magnitude), digits: 16)
    }

    private static func hex(_ number: UInt64, digits: Int) -> String {
        let text = String(number, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.count)) + text.suffix(digits)
    }
}
