internal import SlipwayHTTP

/// Text that is not ASCII, for a header: RFC 2047's words, which is how AWS itself gives such metadata back.
enum EncodedWord {
    /// A word may have 75 characters with its frame; so many bytes fit when they are Base64.
    private static let bytesInWord = 45

    /// `text` as it is when it is printable ASCII and does not look like such a word itself.
    static func encode(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }
        let isUntouched = text.utf8.first != 0x20 && text.utf8.last != 0x20 && !text.holds("=?")
        guard !isPlain || !isUntouched else { return text }
        var words: [String] = []
        var word: [UInt8] = []
        for scalar in text.unicodeScalars {
            // A character is not divided between words.
            let bytes = Array(String(scalar).utf8)
            if word.count + bytes.count > bytesInWord {
                words.append(frame(word))
                word = []
            }
            word += bytes
        }
        if !word.isEmpty { words.append(frame(word)) }
        return words.joined(separator: " ")
    }

    private static func frame(_ bytes: [UInt8]) -> String { "=?UTF-8?B?\(Base64.encode(bytes))?=" }
}
