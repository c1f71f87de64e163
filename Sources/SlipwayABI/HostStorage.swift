internal import CSlipway
internal import Slipway

/// The storage that a request points to.
enum HostStorage {
    private static let name: StaticString = "request->storage"

    /// A copy of all that it says.
    static func read(_ pointer: UnsafePointer<slipway_storage>?) throws(Refusal) -> Storage {
        let host = try HostStruct.read(pointer, name)
        var storage = Storage()
        storage.addressing =
            switch UInt32(bitPattern: host.addressing) {
            case UInt32(SLIPWAY_ADDRESSING_AUTOMATIC): .automatic
            case UInt32(SLIPWAY_ADDRESSING_PATH): .path
            case UInt32(SLIPWAY_ADDRESSING_VIRTUAL_HOST): .virtualHost
            default: throw unknown("addressing", host.addressing, "SLIPWAY_ADDRESSING_...")
            }
        guard let link = Storage.Link(rawValue: host.link) else { throw unknown("link", host.link, "SLIPWAY_LINK_...") }
        storage.link = link
        guard let checksum = Storage.Checksum(rawValue: host.checksum) else {
            throw unknown("checksum", host.checksum, "SLIPWAY_CHECKSUM_...")
        }
        storage.checksum = checksum
        try readTexts(host, into: &storage)
        let headers = try HostStruct.texts(host.put_headers, host.put_header_count, limit: 64, "put_headers")
        for header in headers {
            guard let header else { throw Refusal(.invalidArgument, "put_headers has a NULL") }
            storage.putHeaders.append(header)
        }
        storage.linkHours = host.link_hours
        storage.signsPayload = host.sign_payload != 0
        storage.partSize = host.part_size
        storage.parallelParts = host.parallel_parts
        storage.abortsUnfinished = host.abort_unfinished != 0
        storage.bytesPerSecond = host.bytes_per_second
        return storage
    }

    private static func readTexts(_ host: slipway_storage, into storage: inout Storage) throws(Refusal) {
        storage.bucket = try HostStruct.text(host.bucket, "bucket")
        storage.putURL = try HostStruct.text(host.put_url, "put_url")
        storage.directory = try HostStruct.text(host.directory, "directory")
        storage.endpoint = try HostStruct.text(host.endpoint, "endpoint")
        storage.region = try HostStruct.text(host.region, "region")
        storage.keyPrefix = try HostStruct.text(host.key_prefix, "key_prefix")
        storage.accessKeyID = try HostStruct.text(host.access_key_id, "access_key_id")
        storage.secretAccessKey = try HostStruct.text(host.secret_access_key, "secret_access_key")
        storage.sessionToken = try HostStruct.text(host.session_token, "session_token")
        storage.profile = try HostStruct.text(host.profile, "profile")
        storage.publicURL = try HostStruct.text(host.public_url, "public_url")
        storage.contentType = try HostStruct.text(host.content_type, "content_type")
        storage.contentDisposition = try HostStruct.text(host.content_disposition, "content_disposition")
        storage.acl = try HostStruct.text(host.acl, "acl")
        storage.storageClass = try HostStruct.text(host.storage_class, "storage_class")
        storage.encryption = try HostStruct.text(host.encryption, "encryption")
        storage.encryptionKeyID = try HostStruct.text(host.encryption_key_id, "encryption_key_id")
    }

    private static func unknown(_ member: StaticString, _ value: Int32, _ values: StaticString) -> Refusal {
        Refusal(.unsupportedOption, "\(name)->\(member) is \(value): none of \(values)")
    }
}
