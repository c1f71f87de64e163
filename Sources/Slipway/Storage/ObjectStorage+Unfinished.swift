internal import SlipwayHTTP
package import SlipwayJSON

/// Which unfinished uploads are meant.
package struct UnfinishedUploads: Sendable {
    package var storage = Storage()
    /// Below the storage's prefix. Nil: all below it.
    package var key: String?
    package var uploadID: String?
    /// Younger ones stay. Zero: the default.
    package var minAgeMinutes: UInt32 = 0

    package init() {}

    /// More are not looked at in one call: an answer has to fit into memory.
    static let limit = 10_000
    static let defaultMinAge: UInt32 = 1440
}

extension ObjectStorage {
    private struct Found {
        let place: StoragePlace
        /// A whole key, or what keys begin with.
        let prefix: String
        let uploads: [UnfinishedUpload]
        let isComplete: Bool
        /// What time the storage says it is.
        let now: Int64
    }

    /// Lists what uploads have left.
    package func listUnfinished(_ which: UnfinishedUploads, _ operation: Operation, _ delivery: Delivery) async throws -> JSON {
        let context = Context(operation: operation, delivery: delivery)
        let found = try await find(which, context)
        let uploads = found.uploads.map { upload in
            upload.normalForm.adding("storageClass", .text(upload.storageClass))
        }
        return answer(found, ["uploads": .array(uploads), "complete": .bool(found.isComplete)])
    }

    /// Ends unfinished uploads: one, or all that are old enough.
    package func abortUnfinished(_ which: UnfinishedUploads, _ operation: Operation, _ delivery: Delivery) async throws -> JSON {
        let context = Context(operation: operation, delivery: delivery)
        if let uploadID = which.uploadID, !uploadID.isEmpty { return try await abort(uploadID, which, context) }
        let found = try await find(which, context)
        let minAge = Int64(which.minAgeMinutes == 0 ? UnfinishedUploads.defaultMinAge : which.minAgeMinutes) * 60
        // One whose time is not known may have just begun; one whose key leads elsewhere on its way is none of ours.
        let old = found.uploads.filter { upload in
            let isOld = upload.started.map { found.now - $0.secondsSince1970 >= minAge } ?? false
            return isOld && (try? S3Key(upload.key)) != nil
        }
        var aborted: [JSON] = []
        func answer() -> JSON {
            self.answer(
                found,
                [
                    "aborted": .array(aborted), "younger": .integer(found.uploads.count - old.count), "complete": .bool(found.isComplete),
                ])
        }
        do {
            for upload in old {
                context.report(Progress(.requesting, "aborting the unfinished upload of \(upload.key)"), on: loop)
                if try await abort(upload, in: found.place) { aborted.append(upload.normalForm) }
            }
        } catch {
            var failure = Failure(error, of: operation)
            failure.answer = answer()
            throw failure
        }
        return answer()
    }

    /// The one with this id, whatever its age.
    private func abort(_ uploadID: String, _ which: UnfinishedUploads, _ context: Context) async throws -> JSON {
        guard S3Bucket.isID(uploadID) else {
            throw Failure(
                .invalidArgument, "upload_id is not the id of an unfinished upload", hint: "Take it from slipway_storage_list_unfinished.")
        }
        _ = try which.storage.listableKind("abort an upload")
        let found: Found
        if let key = which.key, !key.isEmpty, case .bucket(let bucket) = try await open(which.storage, context) {
            let name = try bucket.endpoint.key(key).text
            let upload = UnfinishedUpload(key: name, id: uploadID, startedAt: "", storageClass: nil)
            found = Found(place: .bucket(bucket), prefix: name, uploads: [upload], isComplete: true, now: 0)
        } else {
            found = try await find(which, context)
        }
        guard let upload = found.uploads.first(where: { $0.id == uploadID }), try await abort(upload, in: found.place) else {
            throw notThere(uploadID, found.prefix)
        }
        return answer(found, ["aborted": .array([upload.normalForm]), "younger": 0, "complete": true])
    }

    private func notThere(_ uploadID: String, _ prefix: String) -> Failure {
        Failure(
            .notFound, "there is no unfinished upload \(uploadID)\(prefix.isEmpty ? "" : " of \(prefix)")",
            hint: "It was completed or aborted before: slipway_storage_list_unfinished has those that are there.")
    }

    private func answer(_ found: Found, _ members: KeyValuePairs<String, JSON?>) -> JSON {
        var bucket: String?
        if case .bucket(let s3) = found.place { bucket = s3.endpoint.bucket }
        return .object([("bucket", .text(bucket)), ("prefix", .string(found.prefix))] + members.map { ($0.key, $0.value) })
    }

    private func find(_ which: UnfinishedUploads, _ context: Context) async throws -> Found {
        _ = try which.storage.listableKind("list unfinished uploads")
        let place = try await open(which.storage, context)
        context.report(Progress(.requesting, "listing unfinished uploads"), on: loop)
        let name = which.key.flatMap { $0.isEmpty ? nil : $0 }
        let key = try name.map { name throws(Failure) in try place.key(name, which.storage)?.text } ?? nil
        let prefix = key ?? Self.folder(which.storage.keyPrefix)
        switch place {
        case .bucket(let bucket):
            let (uploads, isComplete, now) = try await bucket.uploads(below: prefix, limit: UnfinishedUploads.limit)
            // What the answer shows comes from outside.
            for upload in uploads { context.operation.saw(Array("\(upload.key) \(upload.id)".utf8), http.configuration.redaction) }
            return Found(
                place: place, prefix: prefix, uploads: uploads.filter { key == nil || $0.key == key }, isComplete: isComplete, now: now)
        case .directory(let directory):
            let (copies, isComplete) = try await loop.offload {
                try directory.unfinished(prefix: prefix, isWhole: key != nil, limit: UnfinishedUploads.limit)
            }
            let uploads = copies.map {
                UnfinishedUpload(
                    key: $0.key, id: $0.id, startedAt: Timestamp(secondsSince1970: $0.modified).text, storageClass: nil)
            }
            return Found(place: place, prefix: prefix, uploads: uploads, isComplete: isComplete, now: SigningClock.machine)
        case .putURL: return Found(place: place, prefix: prefix, uploads: [], isComplete: true, now: 0)
        }
    }

    /// What all keys below a prefix begin with.
    private static func folder(_ prefix: String?) -> String {
        guard let prefix, !prefix.isEmpty else { return "" }
        return prefix.hasSuffix("/") ? prefix : "\(prefix)/"
    }

    private func abort(_ upload: UnfinishedUpload, in place: StoragePlace) async throws -> Bool {
        switch place {
        case .bucket(let bucket): return try await bucket.abort(upload.id, S3Key(existing: upload.key))
        case .directory(let directory):
            try await loop.offload {
                try directory.removeUnfinished(
                    StorageDirectory.Unfinished(key: upload.key, id: upload.id, modified: upload.started?.secondsSince1970 ?? 0))
            }
            return true
        case .putURL: return false
        }
    }
}

extension UnfinishedUpload {
    fileprivate var normalForm: JSON {
        .object(["key": .string(key), "uploadId": .string(id), "startedAt": .text(startedAt.isEmpty ? nil : startedAt)])
    }
}
