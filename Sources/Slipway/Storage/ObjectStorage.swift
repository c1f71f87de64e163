internal import SlipwayHTTP

/// Storing and removing objects, wherever a call says. What it does is in the extensions.
///
/// Belongs to the client's loop.
package final class ObjectStorage {
    let http: HTTPClient
    let retry: Retry
    /// Secrets may be sent over plain http to other machines.
    private let allowsInsecure: Bool

    init(_ http: HTTPClient, _ configuration: Configuration) {
        self.http = http
        retry = configuration.retry
        allowsInsecure = configuration.allowsInsecure
    }

    var loop: EventLoop { http.loop }

    /// Finds out what kind of place a storage is, and who asks it. Reads the files that may hold keys; nothing is sent.
    func open(_ storage: Storage, _ context: Context) async throws -> StoragePlace {
        switch try storage.kind() {
        case .bucket(let bucket): return .bucket(try await open(bucket, of: storage, context))
        case .putURL(let url): return .putURL(try PutTarget(url, storage, http, retry, allowsInsecure: allowsInsecure, context))
        case .directory(let path): return .directory(try await loop.offload { try StorageDirectory(path) })
        }
    }

    private func open(_ bucket: String, of storage: Storage, _ context: Context) async throws -> S3Bucket {
        let (credentials, region) = try await loop.offload {
            try StorageLibraries.load()
            if storage.checksum == .crc32 { try StorageLibraries.loadChecksums() }
            let credentials = try Credentials.find(
                accessKeyID: storage.accessKeyID, secretAccessKey: storage.secretAccessKey, sessionToken: storage.sessionToken,
                profile: storage.profile)
            return (credentials, try storage.region ?? Credentials.region(profile: storage.profile))
        }
        let endpoint = try S3Endpoint(
            endpoint: storage.endpoint, region: region, bucket: bucket, keyPrefix: storage.keyPrefix ?? "", addressing: storage.addressing)
        return S3Bucket(endpoint, credentials, http, retry, context)
    }
}

/// A place where objects are stored, ready to be used.
enum StoragePlace {
    case bucket(S3Bucket)
    case putURL(PutTarget)
    case directory(StorageDirectory)
}

extension StoragePlace {
    /// The key of an object called `name`. Nil: the place has a name of its own.
    func key(_ name: String, _ storage: Storage) throws(Failure) -> S3Key? {
        switch self {
        case .bucket(let bucket): try bucket.endpoint.key(name)
        case .directory: try S3Key(name, prefix: storage.keyPrefix ?? "")
        case .putURL: nil
        }
    }
}
