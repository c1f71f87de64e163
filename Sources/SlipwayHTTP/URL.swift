internal import CCurl

/// An absolute http or https URL, taken apart by libcurl's own parser, so that what is checked is what is used.
package struct URL: Sendable, Equatable {
    /// The whole, as given.
    package let text: String
    package let scheme: String
    /// In lower case; an IPv6 address without its brackets.
    package let host: String
    package let port: Int
    /// Starts with a slash; percent-encoded as given.
    package let path: String
    package let query: String?
    package let hasUserInfo: Bool

    /// Nil unless it is an absolute URL with scheme http or https and a host, without control characters, spaces and what else has no place in a URL.
    /// What is taken here is recognised, whole, by `Redaction`. Throws when there is no memory to find that out.
    package init?(parsing text: String) throws(Shortage) {
        guard text.utf8.count <= 16_384, !text.utf8.contains(where: Self.isForeign) else { return nil }
        let handle = try Self.handle()
        defer { ccurl_url_cleanup(handle) }
        guard try Self.isDone(ccurl_url_set(handle, CURLUPART_URL, text, UInt32(CURLU_NON_SUPPORT_SCHEME))) else { return nil }
        func part(_ part: CURLUPart, _ flags: Int32 = 0) throws(Shortage) -> String? { try Self.part(part, of: handle, flags) }
        guard let scheme = try part(CURLUPART_SCHEME)?.lowercased(), scheme == "http" || scheme == "https" else { return nil }
        // libcurl also takes one slash or three.
        let rest = text.utf8.dropFirst(scheme.utf8.count)
        guard rest.starts(with: "://".utf8), !rest.starts(with: ":///".utf8) else { return nil }
        guard let host = try part(CURLUPART_HOST)?.lowercased(), !host.isEmpty else { return nil }
        guard let port = try part(CURLUPART_PORT, CURLU_DEFAULT_PORT).flatMap({ Int($0) }), (1...65_535).contains(port) else { return nil }
        self.text = text
        self.scheme = scheme
        self.host = host.hasPrefix("[") ? String(host.dropFirst().prefix { $0 != "]" }) : host
        self.port = port
        path = try part(CURLUPART_PATH) ?? "/"
        query = try part(CURLUPART_QUERY)
        let user = try (part(CURLUPART_USER), part(CURLUPART_PASSWORD))
        hasUserInfo = user.0 != nil || user.1 != nil
    }

    private static func handle() throws(Shortage) -> OpaquePointer {
        guard let handle = ccurl_url() else { throw .memory }
        return handle
    }

    /// False: it is no URL, or has no such part.
    private static func isDone(_ code: CURLUcode) throws(Shortage) -> Bool {
        guard code != CURLUE_OUT_OF_MEMORY else { throw .memory }
        return code == CURLUE_OK
    }

    private static func part(_ part: CURLUPart, of handle: OpaquePointer, _ flags: Int32 = 0) throws(Shortage) -> String? {
        var value: UnsafeMutablePointer<CChar>?
        guard try isDone(ccurl_url_get(handle, part, &value, UInt32(flags))), let value else { return nil }
        defer { ccurl_free(value) }
        return String(validatingCString: value)
    }

    private static func isForeign(_ byte: UInt8) -> Bool { byte <= 0x20 || byte == 0x7F || "\"<>\\^`{|}".utf8.contains(byte) }

    /// What `reference`, such as a Location header, means when it stands in the answer for this URL.
    package func resolving(_ reference: String) throws(Shortage) -> URL? {
        let handle = try Self.handle()
        defer { ccurl_url_cleanup(handle) }
        guard try Self.isDone(ccurl_url_set(handle, CURLUPART_URL, text, 0)),
            try Self.isDone(ccurl_url_set(handle, CURLUPART_URL, reference, UInt32(CURLU_NON_SUPPORT_SCHEME))),
            let whole = try Self.part(CURLUPART_URL, of: handle)
        else { return nil }
        return try URL(parsing: whole)
    }

    package var isSecure: Bool { scheme == "https" }

    /// The machine itself: what is sent there is not seen by anybody else.
    package var isLoopback: Bool {
        // libcurl writes every spelling of an IPv4 address as four decimal numbers.
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        let isAddress = parts.count == 4 && parts.allSatisfy { UInt8($0).map(String.init) == String($0) }
        return host == "localhost" || host.hasSuffix(".localhost") || host == "::1" || isAddress && parts.first == "127"
    }

    /// For messages and results: without user part and query, which may be secret.
    package var redacted: String { Self.redact(text) }

    /// The same for a text that a service says is a URL.
    package static func redact(_ text: String) -> String { withoutSecrets(text) }

    private static let withoutSecrets = Redaction()

    /// `text` with everything percent-encoded but A-Z a-z 0-9 - . _ ~: good as a path segment and as a query value.
    package static func encode(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var out: [UInt8] = []
        out.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
                out.append(byte)
            default:
                out.append(UInt8(ascii: "%"))
                out.append(digits[Int(byte >> 4)])
                out.append(digits[Int(byte & 15)])
            }
        }
        return String(decoding: out, as: UTF8.self)
    }
}
