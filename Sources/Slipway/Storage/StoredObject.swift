internal import SlipwayHTTP

/// An object as its storage describes it.
struct StoredObject: Sendable, Equatable {
    let size: UInt64?
    let etag: ETag?
    let modified: String?
    /// As the storage has kept them; with "-7" at the end when they are made of those of seven parts.
    let crc32: String?
    let sha256: String?

    init(_ response: Response) {
        size = response.contentLength
        etag = ETag(response.header("etag"))
        modified = response.header("last-modified")
        crc32 = response.header("x-amz-checksum-crc32")
        sha256 = response.header("x-amz-checksum-sha256")
    }
}
