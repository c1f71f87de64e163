internal import SlipwayHTTP

/// A multipart upload that has begun.
struct UnfinishedUpload: Sendable, Equatable {
    let key: String
    let id: String
    /// As the storage writes it.
    let startedAt: String
    let storageClass: String?

    var started: Timestamp? { Timestamp(startedAt) }
}

/// A part that the storage has.
struct StoredPart: Sendable, Equatable {
    let number: Int
    let size: UInt64
    let etag: ETag
}

/// One part in the list that completes an upload.
struct CompletedPart: Sendable {
    let number: Int
    let etag: ETag
    var checksum: BodyChecksum?
}

extension S3Bucket {
    /// Begins a multipart upload; gives its id.
    func create(_ key: S3Key, _ headers: ObjectHeaders, _ checksum: Storage.Checksum) async throws -> Reply {
        var ask = Ask(
            method: .post, resource: endpoint.object(key, query: [QueryItem("uploads")]), headers: headers.fields,
            isOnlyOnce: true, label: "POST \(name(of: key))?uploads")
        if let word = checksum.word { ask.headers.append(try HeaderField("x-amz-checksum-algorithm", word)) }
        return try await askOnce(ask)
    }

    func uploadID(in response: Response, _ key: S3Key) throws -> String {
        let label = "POST \(name(of: key))?uploads"
        let id = try document(response, "InitiateMultipartUploadResult", label).text("UploadId")
        guard let id, Self.isID(id) else {
            throw Failure(
                .protocol, "S3, \(label): the answer names no UploadId", hint: "Check the endpoint: is it a storage that speaks S3?",
                httpStatus: response.status)
        }
        return id
    }

    /// It goes into URLs and answers.
    static func isID(_ id: String) -> Bool { (1...1024).contains(id.utf8.count) && id.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } }

    /// Sends one part. Nil: there is no such upload any more.
    func putPart(
        _ number: Int, of upload: String, _ key: S3Key, _ slice: FileSlice, _ digests: FileDigests?, _ checksum: Storage.Checksum
    ) async throws -> CompletedPart? {
        let query = [QueryItem("partNumber", String(number)), QueryItem("uploadId", upload)]
        var ask = Ask(
            method: .put, resource: endpoint.object(key, query: query), body: .slice(slice, sha256: digests?.sha256),
            label: "PUT part \(number) of \(name(of: key))")
        let bodyChecksum = try digests.flatMap { digests throws(Failure) in try BodyChecksum(checksum, digests) }
        if let bodyChecksum { ask.headers.append(bodyChecksum.field) }
        // Who may begin an upload may go on with it.
        ask.goesAhead = true
        guard let answer = try await self.ask(ask, unless: { $0.remedy == .uploadIsGone }) else { return nil }
        guard let etag = ETag(answer.header("etag")) else {
            throw Failure(
                .protocol, "S3, \(ask.label): the answer has no ETag",
                hint: "Does a proxy take headers away? Is it a storage that speaks S3?",
                httpStatus: answer.status)
        }
        return CompletedPart(number: number, etag: etag, checksum: bodyChecksum)
    }

    /// The parts that the storage has of an upload, by number. Nil: there is no such upload.
    func parts(of upload: String, _ key: S3Key) async throws -> [Int: StoredPart]? {
        var parts: [Int: StoredPart] = [:]
        var marker = 0
        while true {
            var query = [QueryItem("uploadId", upload), QueryItem("max-parts", "1000")]
            if marker > 0 { query.append(QueryItem("part-number-marker", String(marker))) }
            let ask = Ask(method: .get, resource: endpoint.object(key, query: query), label: "GET parts of \(name(of: key))")
            guard let answer = try await self.ask(ask, unless: { $0.remedy == .uploadIsGone }) else { return nil }
            let list = try document(answer, "ListPartsResult", ask.label)
            for part in list.all("Part") {
                guard let number = part.text("PartNumber").flatMap({ Int($0) }), (1...Int(PartPlan.maxParts)).contains(number),
                    let size = part.text("Size").flatMap({ UInt64($0) }), let etag = ETag(part.text("ETag"))
                else { continue }
                parts[number] = StoredPart(number: number, size: size, etag: etag)
            }
            // The list goes by numbers; the marker that comes with it is not to be trusted: one storage tells that of the part behind the last one.
            let last = parts.keys.max() ?? 0
            guard list.text("IsTruncated") == "true", last > marker else { return parts }
            marker = last
        }
    }

    /// Makes the object of the parts. One request: what a lost answer means is for the caller to find out.
    func complete(_ upload: String, _ key: S3Key, _ parts: [CompletedPart]) async throws -> Reply {
        var xml = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
        for part in parts {
            // An ETag has nothing in it that XML would take for something else, but for the quotes, which may stand in a text.
            xml += "<Part><PartNumber>\(part.number)</PartNumber><ETag>\(part.etag.quoted)</ETag>"
            if let checksum = part.checksum { xml += "<\(checksum.element)>\(checksum.value)</\(checksum.element)>" }
            xml += "</Part>"
        }
        xml += "</CompleteMultipartUpload>"
        return try await askOnce(
            Ask(
                method: .post, resource: endpoint.object(key, query: [QueryItem("uploadId", upload)]), body: .bytes(Array(xml.utf8)),
                isPatient: true, isOnlyOnce: true, label: "POST \(name(of: key))?uploadId"))
    }

    /// Throws the parts of an upload away. False: there was none.
    @discardableResult
    func abort(_ upload: String, _ key: S3Key) async throws -> Bool {
        let resource = endpoint.object(key, query: [QueryItem("uploadId", upload)])
        let ask = Ask(method: .delete, resource: resource, isOnlyOnce: true, label: "DELETE unfinished \(name(of: key))")
        let attempts = context.operation.attempts
        let answer = try await self.ask(ask, unless: { $0.remedy == .uploadIsGone || $0.code == "NoSuchKey" })
        try expectNothing(in: answer, ask)
        // When it is gone at a second attempt, the first one, whose answer was lost, has done it.
        return answer != nil || context.operation.attempts - attempts > 1
    }

    private static let maxEmptyPages = 100

    /// Unfinished uploads of keys that begin with `prefix`, in the order of the list, and what time the storage says it is; at most `limit`.
    func uploads(below prefix: String, limit: Int) async throws -> (found: [UnfinishedUpload], isComplete: Bool, now: Int64) {
        var found: [UnfinishedUpload] = []
        var marker: (key: String, id: String)?
        var now = SigningClock.machine
        var emptyPages = 0
        while true {
            var query = [QueryItem("uploads"), QueryItem("encoding-type", "url"), QueryItem("max-uploads", "1000")]
            if !prefix.isEmpty { query.append(QueryItem("prefix", prefix)) }
            if let marker { query += [QueryItem("key-marker", marker.key), QueryItem("upload-id-marker", marker.id)] }
            let ask = Ask(method: .get, resource: endpoint.bucket(query: query), label: "GET unfinished uploads of \(endpoint.bucket)")
            // Who has none says so in words that are meant for something else: rclone.
            guard let answer = try await self.ask(ask, unless: { $0.remedy == .uploadIsGone }) else { return (found, true, now) }
            now = answer.date ?? now
            let list = try document(answer, "ListMultipartUploadsResult", ask.label)
            let isEncoded = list.text("EncodingType") == "url"
            let before = found.count
            let decode = { (text: String) in isEncoded ? PercentEncoding.decode(text) : text }
            for upload in list.all("Upload") {
                guard let key = upload.text("Key").flatMap(decode), let id = upload.text("UploadId"), Self.isID(id) else { continue }
                // Only what was asked for: others' uploads are not to be ended because a server lists them.
                guard key.utf8.starts(with: prefix.utf8) else { continue }
                guard found.count < limit else { return (found, false, now) }
                found.append(
                    UnfinishedUpload(
                        key: key, id: id, startedAt: upload.text("Initiated") ?? "", storageClass: upload.text("StorageClass")))
            }
            guard list.text("IsTruncated") == "true", let key = list.text("NextKeyMarker").flatMap(decode), !key.isEmpty else {
                return (found, true, now)
            }
            // Markers that lead nowhere would be followed for ever.
            emptyPages = found.count > before ? 0 : emptyPages + 1
            guard emptyPages < Self.maxEmptyPages else { return (found, false, now) }
            let next = (key, list.text("NextUploadIdMarker") ?? "")
            guard marker.map({ $0 != next }) ?? true else { return (found, true, now) }
            marker = next
        }
    }
}
