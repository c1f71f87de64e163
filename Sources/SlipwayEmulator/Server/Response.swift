import SlipwayJSON

/// One answer: what is said, not how it is put on the wire (that is `Delivery`).
struct Response: Sendable {
    enum Body: Sendable {
        case bytes([UInt8])
        /// So many bytes of an open file, from an offset on.
        case file(OpenFile, offset: UInt64, length: UInt64)
        /// A JSON document of exactly so many bytes, mostly padding, made while it is sent.
        case padding(UInt64)
        /// A JSON document that never ends, made while it is sent.
        case endless
    }

    var status: Int
    var headers: [(name: String, value: String)]
    var body: Body
    /// Sent in chunks, without a Content-Length.
    var isChunked = false

    /// A JSON document.
    static func json(_ status: Int, _ document: JSON, headers: [(name: String, value: String)] = []) -> Response {
        Response(status: status, headers: [("Content-Type", "application/json; charset=utf-8")] + headers, body: .bytes(document.utf8()))
    }

    /// `{"message": text}`, the form of all errors.
    static func message(_ status: Int, _ text: String, headers: [(name: String, value: String)] = []) -> Response {
        json(status, .object(["message": .string(text)]), headers: headers)
    }

    /// Text of some type.
    static func text(_ status: Int, _ text: String, type: String) -> Response {
        Response(status: status, headers: [("Content-Type", type)], body: .bytes(Array(text.utf8)))
    }
}
