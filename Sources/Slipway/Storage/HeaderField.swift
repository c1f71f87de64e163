/// A header of a request.
package struct HeaderField: Sendable, Equatable {
    package let name: String
    /// Without white space around it.
    package let value: String

    /// Throws when it could not be sent as one header: a line break would begin another one.
    package init(_ name: String, _ value: String) throws(Failure) {
        guard !name.isEmpty, name.utf8.allSatisfy(Self.isToken) else {
            throw Failure(
                .invalidArgument, "the name of a header is not one",
                hint: "A name has letters, digits and - only, such as x-amz-meta-build-number.")
        }
        guard !value.utf8.contains(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }) else {
            throw Failure(
                .invalidArgument, "the value of the header \(name) holds a control character",
                hint: "Leave line breaks and other control characters out of it.")
        }
        self.name = name
        self.value = Self.words(value, keepsInside: true)
    }

    /// As the transfer takes it. libcurl leaves out a header that ends in its colon, and sends one that ends in a semicolon without a value.
    package var line: String { value.isEmpty ? "\(name);" : "\(name): \(value)" }

    /// For a signature: spaces in a row count as one.
    var canonicalValue: String { Self.words(value, keepsInside: false) }

    private static func words(_ text: String, keepsInside: Bool) -> String {
        let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
        let bytes = Array(text.utf8)
        guard let first = bytes.firstIndex(where: { !isSpace($0) }), let last = bytes.lastIndex(where: { !isSpace($0) }) else { return "" }
        let trimmed = bytes[first...last]
        let kept = keepsInside ? Array(trimmed) : Array(trimmed.split(whereSeparator: isSpace).joined(separator: [0x20]))
        return String(decoding: kept, as: UTF8.self)
    }

    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
