import CJansson

extension JSON {
    /// The value that a JSON Pointer (RFC 6901) leads to: `/builds/0/name`, with `~1` for a slash and `~0` for a tilde
    /// in a name. An empty pointer is this value itself. nil if there is nothing there, or if it is no pointer.
    package func at(pointer: String) -> JSON? {
        var pointer = pointer
        return pointer.withUTF8 { pointer in
            guard let first = pointer.first else { return self }
            guard first == UInt8(ascii: "/") else { return nil }
            let tokens = pointer.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            return read { root in
                var value = root
                for token in tokens {
                    guard let next = Self.child(token, of: value) else { return nil }
                    value = next
                }
                return JSON(tree: tree, value: value)
            }
        }
    }

    private static func child(_ token: Slice<UnsafeBufferPointer<UInt8>>, of value: OpaquePointer?) -> OpaquePointer? {
        switch cjansson_typeof(value) {
        case CJANSSON_OBJECT:
            guard var name = name(token) else { return nil }
            return name.withCharacters { cjansson_object_get(value, $0, $1) }
        case CJANSSON_ARRAY:
            return index(token).flatMap { cjansson_array_get(value, $0) }
        default:
            return nil
        }
    }

    /// A token with its escapes undone; nil if there is another one than `~0` and `~1`.
    private static func name(_ token: Slice<UnsafeBufferPointer<UInt8>>) -> String? {
        guard token.contains(UInt8(ascii: "~")) else { return String(decoding: token, as: UTF8.self) }
        var name: [UInt8] = []
        var bytes = token.makeIterator()
        while let byte = bytes.next() {
            guard byte == UInt8(ascii: "~") else {
                name.append(byte)
                continue
            }
            switch bytes.next() {
            case UInt8(ascii: "0"): name.append(UInt8(ascii: "~"))
            case UInt8(ascii: "1"): name.append(UInt8(ascii: "/"))
            default: return nil
            }
        }
        return String(decoding: name, as: UTF8.self)
    }

    /// The index that a token is: digits, no leading zero. `-`, the element behind the last one, never leads anywhere.
    private static func index(_ token: Slice<UnsafeBufferPointer<UInt8>>) -> Int? {
        guard let first = token.first, first != UInt8(ascii: "0") || token.count == 1 else { return nil }
        guard token.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return Int(String(decoding: token, as: UTF8.self))
    }
}
