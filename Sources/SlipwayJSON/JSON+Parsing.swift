import CJansson

extension JSON {
    /// Where and why a text is not JSON.
    package struct ParseError: Error, Equatable, CustomStringConvertible {
        /// What is wrong. It quotes at most one character of the text, which may hold secrets.
        package let text: String
        /// The line of the end of what is wrong, counted from 1; 0 or less if the error is not at a place.
        package let line: Int
        /// Its column, in characters from 1.
        package let column: Int
        /// The number of bytes up to there.
        package let position: Int
        /// Nothing is known of the text: there was no memory to read it.
        package let isOutOfMemory: Bool

        package var description: String {
            line > 0 ? "not valid JSON at line \(line), column \(column): \(text)" : text
        }
    }

    /// Parses one JSON value of any kind from UTF-8 text. A byte order mark and white space around it are allowed,
    /// anything else behind it is not.
    ///
    /// Integers must fit 64 bits and reals a `Double`; of members with the same name the last one counts; strings may
    /// contain an escaped NUL, names may not. At most 2048 levels: on a value that deep, writing and comparing need 600 KB
    /// of stack.
    package init(parsing bytes: UnsafeRawBufferPointer) throws(ParseError) {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let skipped = bytes.starts(with: mark) ? mark.count : 0
        let text = UnsafeRawBufferPointer(rebasing: bytes.dropFirst(skipped))

        var error = cjansson_error()
        guard let root = cjansson_loadb(text.baseAddress?.assumingMemoryBound(to: CChar.self), text.count, &error) else {
            throw ParseError(error, skipped: skipped)
        }
        self.init(owning: root)
    }

    package init(parsing bytes: [UInt8]) throws(ParseError) {
        let result = bytes.withUnsafeBytes { bytes in
            Result { () throws(ParseError) in try JSON(parsing: bytes) }
        }
        self = try result.get()
    }

    package init(parsing text: some StringProtocol) throws(ParseError) {
        var text = String(text)
        let result = text.withUTF8 { bytes in
            Result { () throws(ParseError) in try JSON(parsing: UnsafeRawBufferPointer(bytes)) }
        }
        self = try result.get()
    }
}

extension JSON.ParseError {
    fileprivate init(_ error: cjansson_error, skipped: Int) {
        let text = withUnsafeBytes(of: error.text) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        self.init(
            text: text.isEmpty ? "it could not be read" : Self.withoutQuotation(text),
            line: Int(error.line), column: Int(error.column), position: Int(error.position) + skipped,
            isOutOfMemory: error.is_out_of_memory)
    }

    /// jansson ends some messages with the token that it met, as in `unexpected token near 'abc'`. A token may be a
    /// password; a single character (the `<` of a page in HTML) may stay.
    private static func withoutQuotation(_ text: String) -> String {
        let marker = " near '"
        for start in text.indices where text[start...].hasPrefix(marker) {
            let quoted = text[start...].dropFirst(marker.count).dropLast()
            return quoted.count <= 1 ? text : String(text[..<start])
        }
        return text
    }
}
