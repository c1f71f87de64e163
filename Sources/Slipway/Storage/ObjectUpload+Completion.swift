internal import SlipwayHTTP

extension ObjectUpload {
    /// Makes the object of the parts, once: when the answer is lost, reading tells what became of the request.
    func complete() async throws -> ETag? {
        guard let uploadID else { return nil }
        let parts = completed.values.sorted { $0.number < $1.number }
        meter.tell("the storage puts the parts together")
        var attempt = 0
        var firstFailure: Failure?
        while true {
            attempt += 1
            let reply = try await bucket.complete(uploadID, key, parts)
            var failure: Failure
            switch reply {
            case .answer(let response):
                do {
                    let label = "POST \(bucket.name(of: key))?uploadId"
                    return ETag(try bucket.document(response, "CompleteMultipartUploadResult", label).text("ETag"))
                } catch let unreadable as Failure { failure = unreadable }
            case .refusal(let error, let refusal):
                guard error.remedy != .partsAreLost, !cannotGoOn(after: refusal) else { throw LostUpload(failure: refusal) }
                guard refusal.isRetriable || error.remedy == .uploadIsGone else { throw refusal }
                failure = refusal
            case .silence(let silence): failure = silence
            }
            Log.warning(bucket.http.configuration.redaction("\(failure.message); looking whether the object is there"))
            if let object = try await madeObject(of: parts) { return object.etag }
            switch (try await listing(of: uploadID), reply) {
            case (.parts, _): break
            case (.gone, _):
                // It was still being made a moment ago.
                guard let object = try await madeObject(of: parts) else { throw gone("before the object was made") }
                return object.etag
            case (.hidden, .refusal(let error, _)) where error.remedy == .uploadIsGone:
                guard let firstFailure else { throw gone("before the object was made") }
                throw unknown(firstFailure)
            case (.hidden, _): break
            }
            // Still unfinished, so the request has not arrived, or has done nothing: it may be made again.
            failure.isRetriable = true
            firstFailure = firstFailure ?? failure
            try await bucket.pause(after: attempt, failure)
        }
    }

    /// There is nothing left to complete, and whether the attempt that failed has done it may not be looked at.
    private func unknown(_ failure: Failure) -> Failure {
        var failure = failure
        failure.hint =
            "The object may be there all the same, and these credentials may not look: look for it, or allow s3:GetObject, then store the file again."
        return failure
    }

    /// The object that these parts make, if it is there.
    private func madeObject(of parts: [CompletedPart]) async throws -> StoredObject? {
        guard let object = try await bucket.head(key, withChecksums: false).object, object.size == file.size else { return nil }
        if let etag = object.etag, try ETag(ofParts: parts.map(\.etag)) == etag { return object }
        // Not every storage makes ETags of the parts'; but no other object has appeared here meanwhile.
        return before.map { $0.etag != object.etag || $0.modified != object.modified } ?? true ? object : nil
    }

    /// The object is there, as large as the file, and called what the storage said. `isCertain`: the storage's answer was one that only a storage gives.
    func confirm(_ etag: ETag?, isCertain: Bool) async throws -> ETag? {
        var attempt = 0
        while true {
            attempt += 1
            let found: String
            switch try await bucket.head(key, withChecksums: false) {
            case .hidden where isCertain:
                // Who may write need not be allowed to read.
                Log.warning("S3, HEAD \(bucket.name(of: key)) was refused: that the object is there is known by the storage's answer alone")
                return etag
            case .hidden: found = "it may not be looked at"
            case .nothing: found = "there is no object"
            case .object(let object) where object.size == nil && object.etag == nil: found = "neither a size nor an ETag is told"
            case .object(let object):
                let isOther = etag.flatMap { etag in object.etag.map { etag.contradicts($0) } } ?? false
                if object.size ?? file.size == file.size, !isOther { return object.etag ?? etag }
                found = "the object has \(object.size.map { String($0) } ?? "?") bytes and the ETag \(object.etag?.text ?? "none")"
            }
            let failure = Failure(
                .protocol,
                "S3, HEAD \(bucket.name(of: key)): \(found), but \(file.size) bytes were stored, with the ETag \(etag?.text ?? "none")",
                hint: "Does something else store or remove the same key, or does a proxy or a login page answer instead of the storage?",
                httpStatus: bucket.context.operation.httpStatus, isRetriable: true)
            // Some storages take a moment until everybody sees what was written.
            try await bucket.pause(after: attempt, failure)
        }
    }
}
