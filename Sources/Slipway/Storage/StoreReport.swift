internal import SlipwayHTTP
internal import SlipwayJSON

/// What storing a file has come to so far: its answer, whether it succeeds or fails.
struct StoreReport {
    var key: String?
    var size: UInt64?
    var etag: ETag?
    var url: String?
    var urlExpires: Timestamp?
    var bucket: String?
    var path: String?
    var parts = 0
    var partsReused = 0
    var bytesSent: UInt64 = 0
    var isSkipped = false
    /// Of a multipart upload, the one that made the object or one that is still unfinished.
    var uploadID: String?

    /// Not to be cleaned: the link is what was asked for, with its query.
    var normalForm: JSON {
        .object([
            "key": .text(key), "size": size.map { .integer($0) } ?? .null, "etag": .text(etag?.text), "url": .text(url),
            "urlExpiresAt": .text(urlExpires?.text), "bucket": .text(bucket), "path": .text(path), "parts": .integer(parts),
            "partsReused": .integer(partsReused), "bytesSent": .integer(bytesSent), "skipped": .bool(isSkipped),
            "uploadId": .text(uploadID),
        ])
    }
}
