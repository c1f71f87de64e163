internal import SlipwayHTTP

/// What is said of an object when it is made.
struct ObjectHeaders {
    let fields: [HeaderField]

    private static let maxMetadataSize = 2048

    /// As the storage's settings and the metadata have it. Throws when one of them could not be sent.
    init(_ storage: Storage, key: S3Key, metadata: [(name: String, value: String)]) throws(Failure) {
        var fields = [try Self.field("Content-Type", storage.type(of: key.text), "content_type")]
        let optional = [
            ("Content-Disposition", storage.contentDisposition, "content_disposition"), ("x-amz-acl", storage.acl, "acl"),
            ("x-amz-storage-class", storage.storageClass, "storage_class"),
            ("x-amz-server-side-encryption", storage.encryption, "encryption"),
            ("x-amz-server-side-encryption-aws-kms-key-id", storage.encryptionKeyID, "encryption_key_id"),
        ]
        for (name, value, option) in optional {
            if let value, !value.isEmpty { fields.append(try Self.field(name, value, option)) }
        }
        var metadataSize = 0
        var names: Set<String> = []
        for (name, value) in metadata {
            guard !name.isEmpty, name.utf8.allSatisfy(Self.isPlain) else {
                throw Failure(
                    .invalidArgument, "metadata_names has \(name.isEmpty ? "an empty name" : "a name that is not one")",
                    hint: "A name has letters, digits and - only, such as build-number; x-amz-meta- is put in front of it.")
            }
            guard names.insert(name.lowercased()).inserted else {
                throw Failure(
                    .invalidArgument, "metadata_names has \(name) twice", hint: "Upper and lower case are the same there: leave one out.")
            }
            let field = try HeaderField("x-amz-meta-\(name)", EncodedWord.encode(value))
            metadataSize += name.utf8.count + field.value.utf8.count
            fields.append(field)
        }
        guard metadataSize <= Self.maxMetadataSize else {
            throw Failure(
                .invalidArgument, "the metadata has \(metadataSize) bytes as it is sent, and S3 takes 2,048 of names and values together",
                hint: "Shorten it. What is not ASCII takes more room than it looks like.")
        }
        self.fields = fields
    }

    private static func field(_ name: String, _ value: String, _ option: String) throws(Failure) -> HeaderField {
        guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else {
            throw Failure(
                .invalidArgument, "\(option) must be printable ASCII in one line",
                hint: option == "content_disposition"
                    ? "Write other characters as RFC 6266 says: filename*=UTF-8''..."
                    : "Leave other characters and line breaks out.")
        }
        return try HeaderField(name, value)
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

/// The checksum that goes with what is sent.
struct BodyChecksum {
    let field: HeaderField
    /// In Complete's list of parts: "ChecksumCRC32".
    let element: String
    let value: String

    /// Nil when the storage is not to compare any.
    init?(_ kind: Storage.Checksum, _ digests: FileDigests) throws(Failure) {
        switch kind {
        case .none: return nil
        case .crc32:
            guard let crc32 = digests.crc32 else { return nil }
            (element, value) = ("ChecksumCRC32", crc32.base64)
            field = try HeaderField("x-amz-checksum-crc32", value)
        case .sha256:
            guard let sha256 = digests.sha256 else { return nil }
            (element, value) = ("ChecksumSHA256", sha256.base64)
            field = try HeaderField("x-amz-checksum-sha256", value)
        }
    }
}

extension Storage.Checksum {
    /// What has to be computed for it.
    var digests: FileDigests.Kinds {
        switch self {
        case .none: []
        case .crc32: .crc32
        case .sha256: .sha256
        }
    }

    /// What S3 calls it.
    var word: String? {
        switch self {
        case .none: nil
        case .crc32: "CRC32"
        case .sha256: "SHA256"
        }
    }
}

extension S3Bucket {
    /// What a look at an object shows.
    enum Sight {
        case object(StoredObject)
        case nothing
        /// It may not be looked at. The refusal of a HEAD has no words: who needs the reason learns it from the request that follows.
        case hidden

        var object: StoredObject? {
            guard case .object(let object) = self else { return nil }
            return object
        }
    }

    func head(_ key: S3Key, withChecksums: Bool) async throws -> Sight {
        // Some storages compute the ETag of a large object when they are asked for it.
        var ask = Ask(method: .head, resource: endpoint.object(key), isPatient: true, label: "HEAD \(name(of: key))")
        // Only who wants them: some look-alikes refuse what they do not know.
        if withChecksums { ask.headers.append(try HeaderField("x-amz-checksum-mode", "ENABLED")) }
        var refusal = Sight.hidden
        let answer = try await self.ask(ask) { error in
            if error.httpStatus == 404 { refusal = .nothing }
            return !error.isRetriable
        }
        return answer.map { .object(StoredObject($0)) } ?? refusal
    }

    /// Sends an object in one piece.
    func put(_ key: S3Key, _ slice: FileSlice, _ headers: ObjectHeaders, _ digests: FileDigests?, _ checksum: Storage.Checksum) async throws
        -> ETag?
    {
        var ask = Ask(
            method: .put, resource: endpoint.object(key), headers: headers.fields, body: .slice(slice, sha256: digests?.sha256),
            label: "PUT \(name(of: key))")
        if let digests, let checksum = try BodyChecksum(checksum, digests) { ask.headers.append(checksum.field) }
        return ETag(try await self.ask(ask)?.header("etag"))
    }

    /// Removes an object. That there is none is as good.
    func delete(_ key: S3Key) async throws {
        let ask = Ask(method: .delete, resource: endpoint.object(key), label: "DELETE \(name(of: key))")
        try expectNothing(in: await self.ask(ask) { $0.code == "NoSuchKey" }, ask)
    }

    /// A storage has nothing to say to a DELETE. Whoever sends a page has not removed anything.
    func expectNothing(in answer: Response?, _ ask: Ask) throws(Failure) {
        guard let answer, answer.body.contains(where: { $0 > 0x20 }) else { return }
        throw Failure(
            .protocol, "S3, \(ask.label): the answer is not that of a storage",
            hint: "Check the endpoint. A proxy or a login page may have answered in its place.", httpStatus: answer.status)
    }
}
