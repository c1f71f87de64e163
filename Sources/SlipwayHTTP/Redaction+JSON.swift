package import SlipwayJSON

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

extension Redaction {
    /// Members whose values are secret whatever they hold.
    private static let secretMembers: Set<String> = [
        "apikey", "api_key", "password", "entermediakey", "authorization", "token", "secret", "cookie", "set-cookie",
    ]

    /// The same document without secrets. Nothing is copied where there is nothing to take out.
    package func callAsFunction(_ json: JSON) -> JSON {
        switch json.kind {
        case .string:
            guard let text = json.string else { return json }
            let clean = self(text)
            return clean == text ? json : .string(clean)
        case .array: return .array(json.elements.map { self($0) })
        case .object:
            return .object(
                json.members.map { key, value -> (String, JSON?) in
                    Self.isSecret(key) ? (key, .string(Self.mark)) : (self(key), self(value))
                })
        case .null, .bool, .integer, .number: return json
        }
    }

    /// Whether a document, given as its text, has to be cleaned: it holds a key; an escape, which may hide anything; a URL; or a member whose
    /// name is one of those of secrets.
    package func isNeeded(for text: [UInt8]) -> Bool {
        text.withUnsafeBufferPointer { bytes in
            holdsKey(bytes) || Self.find(UInt8(ascii: "\\"), in: bytes, from: 0) != nil || Self.namesSecret(bytes)
        }
    }

    /// Looks at every colon: it belongs to a URL, or stands behind a member's name.
    private static func namesSecret(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        var from = 0
        while let colon = find(UInt8(ascii: ":"), in: text, from: from) {
            from = colon + 1
            if from < text.count && text[from] == UInt8(ascii: "/") {
                let end = text[from...].firstIndex(where: endsPlainURL) ?? text.count
                if end < text.count && (text[end] == UInt8(ascii: "?") || text[end] == UInt8(ascii: "@")) { return true }
                // Colons on the way there are parts of this URL: a text of nothing else would be looked through again for each of them.
                from = end
                continue
            }
            guard let quote = text[..<colon].lastIndex(where: { $0 > 0x20 }), text[quote] == UInt8(ascii: "\"") else { continue }
            let start = text[..<quote].lastIndex(of: UInt8(ascii: "\"")).map { $0 + 1 } ?? 0
            if secretNames.contains(where: { isName($0, text[start..<quote]) }) { return true }
        }
        return false
    }

    /// What follows a URL's colon goes up to the end of its text, or to a query or a user, which may be secret.
    private static func endsPlainURL(_ byte: UInt8) -> Bool {
        byte <= 0x20 || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "@") || byte == UInt8(ascii: "\"")
    }

    private static func find(_ byte: UInt8, in text: UnsafeBufferPointer<UInt8>, from: Int) -> Int? {
        guard let base = text.baseAddress, from < text.count, let hit = memchr(base + from, Int32(byte), text.count - from) else {
            return nil
        }
        return UnsafeRawPointer(hit) - UnsafeRawPointer(base)
    }

    private static let secretNames = secretMembers.map { Array($0.utf8) }

    private static func isSecret(_ name: String) -> Bool {
        var name = name
        return name.withUTF8 { bytes in secretNames.contains { isName($0, bytes[...]) } }
    }

    /// In any case. Byte by byte: some letters beyond ASCII become ASCII in lower case.
    private static func isName(_ name: [UInt8], _ text: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        guard name.count == text.count else { return false }
        for (a, b) in zip(name, text) where a != (b >= 0x41 && b <= 0x5A ? b | 0x20 : b) { return false }
        return true
    }
}
