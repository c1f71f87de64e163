import SlipwayHTTP

/// A reader of foreign bytes, as a fuzzer and the tests of the corpora call it: it may take them or refuse them, but it does not trap, and what it
/// promises holds.
struct Parser: Sendable {
    /// That of its folders below corpus/ and crashes/.
    let name: String
    /// Throws `BrokenPromise` only.
    let read: @Sendable ([UInt8]) throws -> Void

    static let all = [
        Parser(name: "answer-entermedia", read: readEnterMedia), Parser(name: "answer-streampixel", read: readStreampixel),
        Parser(name: "header", read: readHeader), Parser(name: "json", read: readJSON), Parser(name: "pointer", read: readPointer),
        Parser(name: "profile", read: readProfile), Parser(name: "redaction", read: readRedaction), Parser(name: "s3", read: readS3),
        Parser(name: "storage-text", read: readStorageText), Parser(name: "url", read: readURL), Parser(name: "wait", read: readWait),
        Parser(name: "webhook", read: readWebhook), Parser(name: "xml", read: readXML), Parser(name: "zip", read: readZip),
    ]

    static func named(_ name: String) -> Parser? { all.first { $0.name == name } }

    /// Once in a process, before anything is read.
    static func prepare() throws { try Libraries.load() }
}

/// Something that was read, and is not what the comments of the reader say.
struct BrokenPromise: Error, CustomStringConvertible {
    let description: String

    static func unless(_ holds: Bool, _ promise: @autoclosure () -> String) throws(BrokenPromise) {
        guard holds else { throw BrokenPromise(description: promise()) }
    }
}
