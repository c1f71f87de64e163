internal import CExpat
internal import SlipwayHTTP

/// A whole answer in XML, as a tree of bounded size. A document with a DOCTYPE is refused: entities do not exist here.
struct XMLDocument: Sendable, Equatable {
    /// Where and why a text was not taken. It quotes nothing of the text.
    struct ParseError: Error, Equatable, CustomStringConvertible {
        let text: String
        /// From 1; 0 if the error is not at a place.
        let line: Int
        let column: Int

        var description: String { line > 0 ? "not valid XML at line \(line), column \(column): \(text)" : "not valid XML: \(text)" }
    }

    /// The largest answers are lists: S3 gives at most 1,000 entries at a time, with some ten elements each.
    static let maxSize = 8 << 20
    static let maxDepth = 32
    static let maxElements = 100_000

    let root: XMLElement

    /// The root of an answer's document; nil when it is none that is taken. Throws `Failure` when that cannot be found out.
    static func root(of bytes: [UInt8]) throws -> XMLElement? {
        do { return try XMLDocument(parsing: bytes).root } catch is ParseError { return nil }
    }

    /// Throws `ParseError` when `bytes` are not a document that is taken, and `Failure` when there is no expat, or no memory.
    init(parsing bytes: [UInt8]) throws {
        try StorageLibraries.loadXML()
        var limits = cexpat_limits(bytes: Self.maxSize, depth: Self.maxDepth, elements: Self.maxElements)
        var handler = cexpat_handler(
            start: { builder, name in XMLTreeBuilder.of(builder)?.start(name) ?? false },
            text: { builder, bytes, size in XMLTreeBuilder.of(builder)?.append(bytes, size) ?? false },
            end: { builder in XMLTreeBuilder.of(builder)?.end() ?? false })
        var error = cexpat_error()
        let builder = XMLTreeBuilder()
        // Storages send white space while a long request keeps them busy, some of them in front of everything else.
        let start = bytes.firstIndex { $0 != 0x20 && !(0x09...0x0D).contains($0) } ?? bytes.endIndex
        let status = bytes.withUnsafeBytes { bytes in
            let document = UnsafeRawBufferPointer(rebasing: bytes[start...])
            return withExtendedLifetime(builder) {
                cexpat_parse(
                    document.baseAddress, document.count, &limits, &handler, Unmanaged.passUnretained(builder).toOpaque(), &error)
            }
        }
        guard status != CEXPAT_NO_MEMORY else { throw Failure(.memory, "reading the storage's answer") }
        guard status == CEXPAT_OK, let root = builder.root else { throw ParseError(error) }
        self.root = root
    }
}

extension XMLDocument.ParseError {
    fileprivate init(_ error: cexpat_error) {
        let text = withUnsafeBytes(of: error.text) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        self.init(
            text: text.isEmpty ? "it could not be read" : text, line: Int(clamping: error.line), column: Int(clamping: error.column))
    }
}
