import CJansson

extension JSON {
    /// JSON text in UTF-8, members in their order, compact or indented by two. Real numbers have 17 digits: they read back as they were.
    package func encoded(pretty: Bool = false) throws(OutOfMemory) -> [UInt8] {
        guard let bytes = withText(pretty: pretty, { Array($0) }) else { throw OutOfMemory() }
        return bytes
    }

    /// The same for who has memory: `null` if there is none.
    package func utf8(pretty: Bool = false) -> [UInt8] {
        withText(pretty: pretty) { Array($0) } ?? Array("null".utf8)
    }

    /// The text of ``utf8(pretty:)``.
    package func serialized(pretty: Bool = false) -> String {
        withText(pretty: pretty) { String(decoding: $0, as: UTF8.self) } ?? "null"
    }

    /// Nil if there is no memory, or was none to make the value.
    private func withText<Result>(pretty: Bool, _ body: (UnsafeRawBufferPointer) -> Result) -> Result? {
        read { value in
            // Most texts fit here at the first attempt; for longer ones this is how their length is found. Up to 1,024 bytes are on the stack.
            var capacity = 1024
            while true {
                let (length, result): (Int, Result?) = withUnsafeTemporaryAllocation(byteCount: capacity, alignment: 1) { buffer in
                    let start = buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
                    let length = cjansson_dumpb(value, start, buffer.count, pretty ? 2 : 0)
                    guard length > 0, length <= buffer.count else { return (length, nil) }
                    return (length, body(UnsafeRawBufferPointer(rebasing: buffer[..<length])))
                }
                guard length > capacity else { return result }
                capacity = length
            }
        }
    }
}

extension JSON: CustomStringConvertible {
    package var description: String { serialized() }
}
