/// What a storage calls a content by: often, not always, made of its MD5.
struct ETag: Sendable, Equatable {
    /// Without quotes.
    let text: String

    /// From a header or an answer. Nil for none: some storages give an empty one.
    init?(_ text: String?) {
        guard var text = text?[...] else { return nil }
        if text.hasPrefix("W/") { text = text.dropFirst(2) }
        if text.hasPrefix("\"") { text = text.dropFirst() }
        if text.hasSuffix("\"") { text = text.dropLast() }
        guard (1...256).contains(text.utf8.count), text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !"<>\"&".utf8.contains($0) }) else {
            return nil
        }
        self.text = String(text)
    }

    /// Of a content that was sent in one piece.
    init(md5: Digest) { text = md5.hex }

    /// Of an object of parts, as AWS makes it: the MD5 of the parts' MD5s, and how many there are. Nil when one of them is no MD5.
    init?(ofParts parts: [ETag]) throws(Failure) {
        var bytes: [UInt8] = []
        for part in parts {
            guard let md5 = part.md5 else { return nil }
            bytes += md5
        }
        text = "\(try Digest(.md5, of: bytes).hex)-\(parts.count)"
    }

    /// The MD5 that it is. Nil when it is something else.
    private var md5: [UInt8]? {
        guard text.utf8.count == 32 else { return nil }
        var bytes: [UInt8] = []
        var high: UInt8?
        for digit in text.utf8 {
            guard let value = Character(UnicodeScalar(digit)).hexDigitValue.map({ UInt8(truncatingIfNeeded: $0) }) else { return nil }
            if let first = high {
                bytes.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return bytes
    }

    var isMD5: Bool { md5 != nil }

    /// How many parts it says that its object was made of. Nil: it does not say so.
    var partCount: Int? {
        let words = text.split(separator: "-", omittingEmptySubsequences: false)
        guard words.count == 2, words[0].utf8.count == 32, let count = Int(words[1]), count > 0 else { return nil }
        return count
    }

    /// Both are made in the same way, and of different contents. Some storages call an object of parts one thing when it is made and another when
    /// it is looked at.
    func contradicts(_ other: ETag) -> Bool { isMD5 == other.isMD5 && partCount == other.partCount && self != other }

    /// In the list of parts.
    var quoted: String { "\"\(text)\"" }
}
