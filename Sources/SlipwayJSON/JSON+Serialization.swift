import CJansson

extension JSON {
    /// JSON text in UTF-8, members in their order, compact or indented by two. Real numbers have 17 digits: they read back as they were.
    /// `null` if memory is exhausted.
    package func utf8(pretty: Bool = false) -> [UInt8] {
        withText(pretty: pretty) { Array($0) }
    }

    /// The text of ``utf8(pretty:)``.
    package func serialized(pretty: Bool = false) -> String {
        withText(pretty: pretty) { String(decoding: $0, as: UTF8.self) }
    }

    private func withText<Result>(pretty: Bool, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        read { value in
            // Most texts fit here at the first attempt; for longer ones this is how their length is found. Up to 1,024 bytes are on the stack.
            var capacity = 1024
            while true {
                let result: Result? = withUnsafeTemporaryAllocation(byteCount: capacity, alignment: 1) { buffer in
                    let start = buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
                    let length = cjansson_dumpb(value, start, buffer.count, pretty ? 2 : 0)
                    if length == 0 { return Array("null".utf8).withUnsafeBytes(body) }
                    if length > buffer.count {
                        capacity = length
                        return nil
                    }
                    return body(UnsafeRawBufferPointer(rebasing: buffer[..<length]))
                }
                if let result { return result }
            }
        }
    }
}

extension JSON: CustomStringConvertible {
    package var description: String { serialized() }
}
