/// Where objects are stored, who asks, and how: as the host gave it. Nil, empty and zero mean the default.
package struct Storage: Sendable {
    package enum Checksum: Int32, Sendable {
        case none = 0
        case crc32 = 1
        case sha256 = 2
    }

    package enum Link: Int32, Sendable {
        case automatic = 0
        case `public` = 1
        case presigned = 2
        case none = 3
    }

    package var addressing = S3Endpoint.Addressing.automatic
    package var bucket: String?
    package var putURL: String?
    package var directory: String?
    package var endpoint: String?
    package var region: String?
    package var keyPrefix: String?
    package var accessKeyID: String?
    package var secretAccessKey: String?
    package var sessionToken: String?
    package var profile: String?
    package var publicURL: String?
    package var link = Link.automatic
    package var linkHours: UInt32 = 0
    package var contentType: String?
    package var contentDisposition: String?
    package var acl: String?
    package var storageClass: String?
    package var encryption: String?
    package var encryptionKeyID: String?
    /// "Name: value" each.
    package var putHeaders: [String] = []
    package var checksum = Checksum.none
    package var signsPayload = false
    package var partSize: UInt64 = 0
    package var parallelParts: UInt32 = 0
    package var abortsUnfinished = false
    package var bytesPerSecond: UInt64 = 0

    package init() {}
}

extension Storage {
    /// The three kinds of places.
    enum Kind {
        case bucket(String)
        case putURL(String)
        case directory(String)
    }

    /// Which of them it is. Throws unless exactly one is named, and when it is asked for what only another one can do.
    func kind() throws(Failure) -> Kind {
        let names = [("bucket", bucket), ("put_url", putURL), ("directory", directory)].filter { $0.1?.isEmpty == false }.map(\.0)
        switch (names, bucket, putURL, directory) {
        case (["bucket"], let bucket?, _, _):
            try refuse([("put_headers", !putHeaders.isEmpty)], of: "a bucket")
            return .bucket(bucket)
        case (["put_url"], _, let putURL?, _):
            try refuse(bucketOnly + [("key_prefix", Self.isGiven(keyPrefix))], of: "a put_url")
            return .putURL(putURL)
        case (["directory"], _, _, let directory?):
            let headers = [
                ("content_type", Self.isGiven(contentType)), ("content_disposition", Self.isGiven(contentDisposition)),
                ("put_headers", !putHeaders.isEmpty),
            ]
            try refuse(bucketOnly + headers, of: "a directory")
            return .directory(directory)
        default:
            throw Failure(
                .invalidArgument,
                names.isEmpty
                    ? "the storage names no bucket, no put_url and no directory" : "the storage names \(names.joined(separator: " and "))",
                hint: "Set exactly one of bucket, put_url and directory.")
        }
    }

    /// What objects get from S3 only, and whether it is asked for.
    private var bucketOnly: [(String, Bool)] {
        [
            ("acl", Self.isGiven(acl)), ("storage_class", Self.isGiven(storageClass)), ("encryption", Self.isGiven(encryption)),
            ("encryption_key_id", Self.isGiven(encryptionKeyID)), ("checksum", checksum != .none),
        ]
    }

    /// Nobody is to believe that an object is encrypted when it is not.
    private func refuse(_ asked: [(String, Bool)], of place: String) throws(Failure) {
        guard let (name, _) = asked.first(where: \.1) else { return }
        throw Failure(.invalidArgument, "\(name) is set, and \(place) has nothing of the kind", hint: "Leave \(name) out.")
    }

    private static func isGiven(_ text: String?) -> Bool { text?.isEmpty == false }

    /// The same for what a URL that takes a PUT cannot do.
    func listableKind(_ what: String) throws(Failure) -> Kind {
        let kind = try kind()
        guard case .putURL = kind else { return kind }
        throw Failure(
            .invalidArgument, "a put_url cannot be asked to \(what)", hint: "Name the bucket or the directory that the file is in.")
    }

    /// How many parts are on their way at the same time.
    func parallel() throws(Failure) -> Int {
        guard parallelParts <= 64 else {
            throw Failure(.invalidArgument, "parallel_parts is \(parallelParts): at most 64", hint: "8, the default, fills most lines.")
        }
        return parallelParts == 0 ? 8 : Int(parallelParts)
    }

    /// What an object with this name is.
    func type(of key: String) -> String {
        if let contentType, !contentType.isEmpty { return contentType }
        return key.lowercased().hasSuffix(".zip") ? "application/zip" : "application/octet-stream"
    }
}
