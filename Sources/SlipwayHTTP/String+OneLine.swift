extension String {
    /// The same with a space for each control character and each end of a line: names of files and answers of services may hold them, and would forge
    /// lines of a log or talk to a terminal.
    package var inOneLine: String {
        guard utf8.contains(where: { $0 < 0x20 || $0 == 0x7F || $0 == 0xC2 || $0 == 0xE2 }) else { return self }
        return String(String.UnicodeScalarView(unicodeScalars.map { Self.isPlain($0) ? $0 : " " }))
    }

    private static func isPlain(_ scalar: UnicodeScalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029: false
        default: true
        }
    }
}
