internal import SlipwayHTTP

/// The link that an object is read through.
struct ObjectLink {
    let url: String
    /// Nil: it stays.
    let expires: Timestamp?

    /// What the host calls it, or what it is made of.
    private let name: String

    private static let defaultHours: UInt32 = 12

    /// To what is stored in a place under a key, if it has keys. Nil: none is wanted.
    init?(to key: S3Key?, in place: StoragePlace, _ storage: Storage) throws(Failure) {
        switch (place, key) {
        case (.bucket(let bucket), let key?): try self.init(to: key, in: bucket, storage)
        case (.directory, let key?): try self.init(toFile: key, storage)
        case (.putURL(let target), _): try self.init(to: target, storage)
        default: return nil
        }
    }

    /// To an object of a bucket. Nil: none is wanted.
    private init?(to key: S3Key, in bucket: S3Bucket, _ storage: Storage) throws(Failure) {
        switch storage.link {
        case .none: return nil
        case .public: try self.init(publicTo: key, in: bucket, storage)
        case .automatic where Self.given(storage.publicURL) != nil || storage.acl?.hasPrefix("public-read") == true:
            try self.init(publicTo: key, in: bucket, storage)
        case .automatic, .presigned:
            let hours = storage.linkHours == 0 ? Self.defaultHours : storage.linkHours
            guard hours <= 168 else {
                throw Failure(
                    .invalidArgument, "link_hours is \(hours): S3 allows at most 168, which is 7 days",
                    hint: "For a link that stays, make the object public and set link to SLIPWAY_LINK_PUBLIC.")
            }
            self.init(try bucket.presign(key, seconds: Int(hours) * 3600))
        }
    }

    /// To what a PUT has made. Nil: none is wanted.
    private init?(to target: PutTarget, _ storage: Storage) throws(Failure) {
        try Self.refusePresigned(storage, "a put_url")
        guard storage.link != .none else { return nil }
        let withoutQuery = String(target.url.text.prefix { $0 != "?" })
        url = Self.given(storage.publicURL) ?? withoutQuery
        name = Self.given(storage.publicURL) == nil ? "put_url without its query" : "public_url"
        expires = nil
    }

    /// To a file of a directory. Nil: none is wanted, or nobody has said what the directory is served as.
    private init?(toFile key: S3Key, _ storage: Storage) throws(Failure) {
        try Self.refusePresigned(storage, "a directory")
        guard storage.link != .none else { return nil }
        guard let base = Self.given(storage.publicURL) else {
            guard storage.link == .automatic else {
                throw Failure(
                    .invalidArgument, "a link to a file of a directory is wanted, but public_url is missing",
                    hint: "Set public_url to what your web server serves the directory as.")
            }
            return nil
        }
        url = try Self.join(base, key)
        name = "public_url"
        expires = nil
    }

    private init(_ presigned: (url: String, expires: Timestamp)) {
        url = presigned.url
        name = "the object's link"
        expires = presigned.expires
    }

    private init(publicTo key: S3Key, in bucket: S3Bucket, _ storage: Storage) throws(Failure) {
        url = try Self.given(storage.publicURL).map { base throws(Failure) in try Self.join(base, key) } ?? bucket.endpoint.object(key).url
        name = Self.given(storage.publicURL) == nil ? "the object's link" : "public_url"
        expires = nil
    }

    private static func given(_ text: String?) -> String? { text.flatMap { $0.isEmpty ? nil : $0 } }

    private static func join(_ base: String, _ key: S3Key) throws(Failure) -> String {
        guard let url = try URL(base), url.query == nil, !url.hasUserInfo, !base.utf8.contains(UInt8(ascii: "#")) else {
            throw Failure(
                .invalidArgument, "public_url must be an http or https URL without a query, a fragment and a user",
                hint: "Such as https://builds.example.com: the key is put behind it.")
        }
        return base.hasSuffix("/") ? base + key.encoded : "\(base)/\(key.encoded)"
    }

    private static func refusePresigned(_ storage: Storage, _ place: String) throws(Failure) {
        guard storage.link == .presigned else { return }
        throw Failure(
            .invalidArgument, "\(place) gives no presigned links", hint: "Set link to SLIPWAY_LINK_AUTOMATIC, and public_url.")
    }

    /// Throws when nobody could read anything through it, whatever is stored.
    func validate() throws(Failure) { _ = try buildLink() }

    /// The same for a link that a build is to be registered by.
    func validateForBuild() throws(Failure) { _ = try BuildLink(url, field: name) }

    private func buildLink() throws(Failure) -> BuildLink { try BuildLink(url, field: name, isBuild: isBuild) }

    /// Reads it as the service will: a build as a build, anything else by its size. Throws FILE when it does not give the object.
    func check(_ size: UInt64, _ http: HTTPClient, _ context: Context) async throws {
        do {
            try await buildLink().check(expectedSize: size, http, context)
        } catch var failure as Failure where [400, 401, 403].contains(failure.httpStatus) && failure.status == .file {
            failure.hint =
                expires == nil
                ? "The object is stored, but not everybody may read it: make it public (acl \"public-read\", or a policy of the bucket), or use SLIPWAY_LINK_PRESIGNED."
                : "The object is stored, but these credentials may not read it, or only for a shorter time: a policy must allow s3:GetObject."
            throw failure
        }
    }

    private var isBuild: Bool { url.prefix { $0 != "?" }.lowercased().hasSuffix(".zip") }
}
