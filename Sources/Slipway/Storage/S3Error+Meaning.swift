internal import SlipwayHTTP

extension S3Error {
    /// What an error means: how the operation ends by it, what to do about it, and whether the same request may succeed later.
    struct Meaning: Sendable {
        let status: Status
        let hint: String
        var isRetriable = false
    }

    /// What the one who asked can mend by itself.
    enum Remedy: Sendable, Equatable {
        /// The clocks differ: sign again with the server's `Date`.
        case clock
        /// The bucket is in that region.
        case region(String)
        /// The multipart upload is gone: completed, aborted, or never there. A HEAD of the object tells which.
        case uploadIsGone
        /// The storage does not have the parts that it has confirmed: only a new upload helps.
        case partsAreLost
        /// Part of what was sent did not arrive as it was sent: send it again.
        case sendAgain
    }

    var remedy: Remedy? {
        switch reason {
        case "RequestTimeTooSkewed": return .clock
        case "NoSuchUpload": return .uploadIsGone
        case "InvalidPart": return .partsAreLost
        case "BadDigest", "IncompleteBody", "XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch": return .sendAgain
        case "PermanentRedirect", "TemporaryRedirect", "AuthorizationHeaderMalformed", "AuthorizationQueryParametersError",
            "IllegalLocationConstraintException", "InvalidRegion":
            return region.map { .region($0) }
        case nil where [301, 307, 308, 400].contains(httpStatus): return region.map { .region($0) }
        default: return nil
        }
    }

    var isRetriable: Bool { meaning.isRetriable }

    var meaning: Meaning { reason.flatMap { Self.byCode[$0] } ?? Self.byHTTPStatus(httpStatus) }

    /// The code, or the one that its words stand for: AWS and others say no more than AccessDenied of a link that is too old, and rclone of a
    /// clock that is wrong.
    private var reason: String? {
        guard code == "AccessDenied", let words = message?.lowercased() else { return code }
        if words.holds("difference between the request time and") { return "RequestTimeTooSkewed" }
        return words.holds("request has expired") ? "RequestExpired" : code
    }

    /// For the person who reads it. `request` is what was asked, such as "S3, PUT builds/MyGame.zip"; `region` is the one that was signed for, if
    /// that was done here.
    func failure(_ request: String, region signed: String?) -> Failure {
        let words = message ?? (code == nil ? Self.wordless(httpStatus) : nil)
        let label = (code.map { [$0] } ?? []) + ["HTTP \(httpStatus)"] + (requestID.map { ["request \($0)"] } ?? [])
        let text = words.map { "\(request): \($0) (\(label.joined(separator: ", ")))" } ?? "\(request): \(label.joined(separator: ", "))"
        let meaning = meaning
        return Failure(
            meaning.status, text, hint: hint(meaning, signed), httpStatus: httpStatus, isRetriable: meaning.isRetriable,
            retryAfter: meaning.isRetriable ? retryAfter : nil)
    }

    private func hint(_ meaning: Meaning, _ signed: String?) -> String {
        if let signed, case .region(let right) = remedy, right != signed {
            let place = endpoint.map { " Its endpoint is \($0)." } ?? ""
            return
                "The bucket is in the region \(right), not \(signed): set the region to \(right), and the endpoint if you gave one.\(place)"
        }
        if code == nil, [301, 307, 308].contains(httpStatus) {
            return
                "The bucket is elsewhere: check the endpoint and the region. A proxy or a login page may have answered instead of the storage."
        }
        return meaning.hint
    }

    private static func wordless(_ status: Int) -> String {
        switch status {
        case 200...299: "an error without a code"
        case 300...399: "redirected"
        default: "an answer without a word"
        }
    }

    // MARK: By HTTP status, when there is no code, or one that nobody knows

    private static func byHTTPStatus(_ status: Int) -> Meaning {
        switch status {
        case 200...299, 500, 502, 503, 504: serverTrouble
        case 400, 411, 412, 414, 416: Meaning(status: .invalidArgument, hint: "Check the bucket, the key and the settings of the storage.")
        case 401: Meaning(status: .unauthorized, hint: "Check the access key id and the secret access key.")
        case 403: forbidden
        case 404: Meaning(status: .notFound, hint: "Check the bucket, the key and the endpoint.")
        case 405, 501: unsupported
        case 408, 409, 425: Meaning(status: .server, hint: "Something else was in the way: try again.", isRetriable: true)
        case 413: tooLarge
        case 429: slowDown
        case 507: full
        case 505...599: Meaning(status: .server, hint: "The storage has a problem of its own: ask whoever runs it.")
        default:
            Meaning(
                status: .protocol,
                hint: "Check the endpoint. A proxy or a login page may have answered instead of the storage.")
        }
    }

    private static let serverTrouble = Meaning(
        status: .server, hint: "The storage has a problem of its own: try again later.", isRetriable: true)
    private static let slowDown = Meaning(
        status: .rateLimited, hint: "The storage wants fewer requests: use fewer parallel parts or larger ones, or try again later.",
        isRetriable: true)
    private static let forbidden = Meaning(
        status: .forbidden,
        hint:
            "Check that these credentials may do this in this bucket: a policy or an ACL must allow s3:PutObject, and for what is unfinished "
            + "s3:ListBucketMultipartUploads, s3:ListMultipartUploadParts and s3:AbortMultipartUpload.")
    private static let full = Meaning(
        status: .rejected,
        hint: "The storage is full, or the quota is used up: delete old builds, abort unfinished uploads, or get more room.")
    private static let unsupported = Meaning(
        status: .rejected,
        hint: "This storage does not do what was asked: leave ACL, storage class, encryption and checksum out, and check the endpoint.")
    private static let tooLarge = Meaning(
        status: .rejected, hint: "The object or the part is larger than this storage takes: use smaller parts, or ask whoever runs it.")

    // MARK: By code

    private static let byCode: [String: Meaning] = {
        var meanings: [String: Meaning] = [:]
        for (codes, meaning) in rows { for code in codes { meanings[code] = meaning } }
        return meanings
    }()

    private static func invalid(_ hint: String) -> Meaning { Meaning(status: .invalidArgument, hint: hint) }
    private static func unauthorized(_ hint: String) -> Meaning { Meaning(status: .unauthorized, hint: hint) }

    private static let rows: [(codes: [String], meaning: Meaning)] = [
        // Who asks
        (["AccessDenied", "AllAccessDisabled"], forbidden),
        (
            ["AccountProblem", "NotSignedUp", "InvalidPayer", "UserSuspended"],
            Meaning(status: .forbidden, hint: "The account behind these credentials cannot use the storage: check it at the provider.")
        ),
        (
            ["InvalidAccessKeyId", "InvalidClientTokenId", "UnrecognizedClientException"],
            unauthorized("The storage does not know this access key id: check it, and that the endpoint is the one that it belongs to.")
        ),
        (
            ["SignatureDoesNotMatch"],
            unauthorized("Check the secret access key and the region. If both are right, a proxy may change the request on its way.")
        ),
        (
            ["ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"],
            unauthorized("The session token is no longer good: get new temporary credentials, then try again.")
        ),
        (["RequestExpired"], unauthorized("The link is no longer good: make a new one. If it is a new one, look at this machine's clock.")),
        (
            ["InvalidToken", "InvalidSecurity", "InvalidTokenId"],
            unauthorized("Check the session token: temporary keys need the one that they came with, permanent keys need none.")
        ),
        (
            ["RequestTimeTooSkewed"],
            unauthorized("The clock of this machine or of the storage is wrong by more than 15 minutes: set it right.")
        ),
        (
            ["CredentialsNotSupported", "MissingSecurityHeader", "MissingAuthenticationToken"],
            unauthorized("The storage does not take these credentials here: check them and the endpoint.")
        ),

        // Where
        (["NoSuchBucket"], Meaning(status: .notFound, hint: "Check the bucket's name and the endpoint: nothing here makes buckets.")),
        (
            ["NoSuchKey", "NoSuchVersion"],
            Meaning(status: .notFound, hint: "Check the key, with its prefix: it is case-sensitive.")
        ),
        (
            ["NoSuchUpload"],
            Meaning(
                status: .notFound, hint: "The unfinished upload was completed or aborted by somebody else, perhaps by a rule of the bucket."
            )
        ),
        (
            ["PermanentRedirect", "TemporaryRedirect"],
            invalid("The bucket is elsewhere: check the region and the endpoint.")
        ),
        (
            ["AuthorizationHeaderMalformed", "AuthorizationQueryParametersError", "IllegalLocationConstraintException", "InvalidRegion"],
            invalid("Check the region: auto for Cloudflare R2, us-east-1 for most look-alikes.")
        ),
        (["InvalidBucketName"], invalid("Check the bucket's name.")),
        (["InvalidURI", "XMinioInvalidObjectName", "KeyTooLongError"], invalid("Use a shorter or plainer key: at most 1,024 bytes.")),

        // What was sent
        (["EntityTooLarge", "MaxMessageLengthExceeded"], tooLarge),
        (
            ["EntityTooSmall"],
            invalid("All parts but the last one must have at least 5 MB: use larger parts.")
        ),
        (
            ["InvalidPart", "InvalidPartOrder", "InvalidPartNumber"],
            Meaning(
                status: .rejected,
                hint: "The storage does not have the parts that it confirmed: abort the unfinished upload and send it again.")
        ),
        (
            ["BadDigest", "IncompleteBody", "XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch"],
            Meaning(
                status: .network,
                hint: "What arrived is not what was sent: the file changed meanwhile, or something on the way damages it.",
                isRetriable: true)
        ),
        (["InvalidDigest"], invalid("The storage does not take this checksum: leave it out.")),
        (["MetadataTooLarge"], invalid("Names and values of metadata may have 2 KB together: shorten them.")),
        (["InvalidStorageClass"], invalid("This storage does not have this storage class: leave it out, or check its name.")),
        (
            ["AccessControlListNotSupported"],
            invalid("This bucket takes no ACL: leave it out. A public link needs a bucket policy then, or presign it.")
        ),
        (
            ["InvalidEncryptionAlgorithmError", "KMS.NotFoundException", "KMS.DisabledException", "KMS.KMSInvalidStateException"],
            invalid("Check the encryption that was asked for, and its key.")
        ),
        (
            [
                "InvalidArgument", "InvalidRequest", "MalformedXML", "MissingContentLength", "MissingRequestBodyError", "InvalidTag",
                "RequestHeaderSectionTooLarge", "UnexpectedContent",
            ],
            invalid("Check the settings of the storage: the storage's own words say which one.")
        ),
        (["NotImplemented", "MethodNotAllowed"], unsupported),
        (
            ["PreconditionFailed"],
            Meaning(status: .rejected, hint: "The object changed, or is there already: look at it, then decide.")
        ),
        (
            ["InvalidObjectState", "ObjectLocked"],
            Meaning(status: .rejected, hint: "The object is archived or locked: use another key.")
        ),

        // When
        (
            [
                "SlowDown", "SlowDownRead", "SlowDownWrite", "Throttling", "ThrottlingException", "RequestLimitExceeded", "TooManyRequests",
                "BandwidthLimitExceeded",
            ], slowDown
        ),
        (
            [
                "InternalError", "InternalFailure", "InternalServerError", "ServiceUnavailable", "TemporarilyUnavailable", "RequestTimeout",
                "XMinioServerNotInitialized",
            ],
            serverTrouble
        ),
        (
            ["OperationAborted", "ConditionalRequestConflict"],
            Meaning(status: .server, hint: "Something else changes the same object: try again.", isRetriable: true)
        ),
        (
            ["QuotaExceeded", "StorageFull", "InsufficientStorage", "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded"],
            full
        ),
    ]
}
