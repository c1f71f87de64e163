package import SlipwayJSON

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
                json.members.map { key, value in
                    Self.secretMembers.contains(key.lowercased()) ? (key, .string(Self.mark)) : (key, self(value))
                })
        case .null, .bool, .integer, .number: return json
        }
    }

    /// The same for a document whose text is at hand: the tree is walked only when the text shows a reason to.
    package func callAsFunction(_ json: JSON, text: [UInt8]) -> JSON {
        text.withUnsafeBufferPointer { Self.looksSuspicious($0) || holdsKey($0) } ? self(json) : json
    }

    /// One pass: an escape, which may hide anything; a URL; a member whose name ends as those of secrets do.
    private static func looksSuspicious(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        var (before, quoted): (UInt8, UInt8) = (0, 0)
        for byte in text {
            switch byte {
            case UInt8(ascii: "\\"): return true
            case UInt8(ascii: "/") where before == UInt8(ascii: ":"): return true
            case UInt8(ascii: "\""): quoted = before
            case UInt8(ascii: ":") where before == UInt8(ascii: "\"") && lastLetters.contains(quoted): return true
            default: break
            }
            before = byte
        }
        return false
    }

    private static let lastLetters = Set(secretMembers.compactMap(\.utf8.last).flatMap { [$0, $0 & ~0x20] })
}
