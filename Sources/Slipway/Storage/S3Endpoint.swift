internal import SlipwayHTTP

/// A bucket and the way to it: which URL a request goes to.
package struct S3Endpoint: Sendable {
    /// Where the bucket's name stands.
    package enum Addressing: Sendable {
        /// As the storage likes it best: in the host for AWS, unless a dot in the name would not fit its certificate, else in the path, which all
        /// others understand.
        case automatic
        /// https://host/bucket/key
        case path
        /// https://bucket.host/key
        case virtualHost
    }

    /// The region that AWS takes when none is named, and that look-alikes expect.
    package static let defaultRegion = "us-east-1"

    package let region: String
    package let bucket: String
    private let scheme: String
    private let host: String
    /// In front of each key, percent-encoded; ends in a slash.
    private let base: String
    private let keyPrefix: String

    /// `endpoint`: such as "https://minio.example.com:9000", with a path if the storage is below one; nil or empty for AWS in that region.
    /// `keyPrefix`: in front of the key of each new object, with a slash in between.
    package init(
        endpoint: String? = nil, region: String? = nil, bucket: String, keyPrefix: String = "", addressing: Addressing = .automatic
    ) throws(Failure) {
        self.region = try Self.checkRegion(region.flatMap { $0.isEmpty ? nil : $0 } ?? Self.defaultRegion)
        self.bucket = try Self.checkBucket(bucket)
        self.keyPrefix = keyPrefix
        let url = try Self.checkEndpoint(endpoint.flatMap { $0.isEmpty ? nil : $0 } ?? Self.amazon(self.region))

        let isInHost =
            switch addressing {
            case .automatic: Self.isAmazon(url.host) && !(url.isSecure && bucket.utf8.contains(UInt8(ascii: ".")))
            case .path: false
            case .virtualHost: true
            }
        guard !isInHost || !Self.isAddress(url.host) else {
            throw Failure(
                .invalidArgument, "the bucket's name cannot stand in front of the address \(url.host)",
                hint: "Use path addressing, or an endpoint with a name.")
        }
        let name = url.host.utf8.contains(UInt8(ascii: ":")) ? "[\(url.host)]" : url.host
        let port = url.port == (url.isSecure ? 443 : 80) ? "" : ":\(url.port)"
        let path = String(url.path.reversed().drop { $0 == "/" }.reversed())
        scheme = url.scheme
        host = "\(isInHost ? "\(bucket)." : "")\(name)\(port)"
        base = isInHost ? "\(path)/" : "\(path)/\(bucket)/"
    }

    var isSecure: Bool { scheme == "https" }

    /// The key of a new object called `name`, below the prefix.
    package func key(_ name: String) throws(Failure) -> S3Key { try S3Key(name, prefix: keyPrefix) }

    /// An object, or, with a query such as "uploads", what belongs to it. Without a query its `url` is what a public object is read from.
    package func object(_ key: S3Key, query: [QueryItem] = []) -> S3Resource {
        S3Resource(scheme: scheme, host: host, path: base + key.encoded, query: query)
    }

    /// The bucket itself, for lists.
    package func bucket(query: [QueryItem] = []) -> S3Resource {
        let path = base.utf8.count > 1 ? String(base.dropLast()) : base
        return S3Resource(scheme: scheme, host: host, path: path, query: query)
    }

    // MARK: What AWS is called

    private static func amazon(_ region: String) -> String {
        "https://s3.\(region.lowercased()).amazonaws.com\(region.lowercased().hasPrefix("cn-") ? ".cn" : "")"
    }

    private static func isAmazon(_ host: String) -> Bool { host.hasSuffix(".amazonaws.com") || host.hasSuffix(".amazonaws.com.cn") }

    // MARK: What is taken

    private static func checkRegion(_ region: String) throws(Failure) -> String {
        guard region.utf8.count <= 64, region.utf8.allSatisfy({ isLetterOrDigit($0) || "-_".utf8.contains($0) }) else {
            throw Failure(
                .invalidArgument, "the region is not one", hint: "Such as eu-central-1; auto for Cloudflare R2; us-east-1 for most others.")
        }
        return region
    }

    /// The rules of AWS, which everybody else follows: a name that breaks them works in one place and fails in the next.
    private static func checkBucket(_ bucket: String) throws(Failure) -> String {
        let bytes = Array(bucket.utf8)
        let isLegal = { (byte: UInt8) in isLetterOrDigit(byte) && !isUpper(byte) }
        guard (3...63).contains(bytes.count), bytes.allSatisfy({ isLegal($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }),
            let first = bytes.first, isLegal(first), let last = bytes.last, isLegal(last), !bucket.holds(".."), !isAddress(bucket)
        else {
            throw Failure(
                .invalidArgument, "the bucket's name is not one",
                hint: "A name has 3 to 63 of a-z 0-9 - and . , begins and ends with a letter or digit, and is no IP address.")
        }
        return bucket
    }

    private static func checkEndpoint(_ text: String) throws(Failure) -> URL {
        guard let url = try URL(text), url.query == nil, !url.hasUserInfo, !text.utf8.contains(UInt8(ascii: "#")),
            url.host.utf8.allSatisfy({ $0 < 0x80 }), url.path.utf8.allSatisfy({ $0 < 0x80 })
        else {
            throw Failure(
                .invalidArgument, "the storage's endpoint must be an http or https URL without a query, a fragment and a user",
                hint: "Such as https://minio.example.com:9000: without the bucket.")
        }
        return url
    }

    private static func isAddress(_ host: String) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        let isNumber = { (part: Substring) in !part.isEmpty && part.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        }
        return host.utf8.contains(UInt8(ascii: ":")) || parts.count == 4 && parts.allSatisfy(isNumber)
    }

    private static func isUpper(_ byte: UInt8) -> Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        isUpper(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
