internal import SlipwayHTTP

/// One file on its way to where it is stored, and what it has come to.
///
/// Belongs to the client's loop.
final class StoreRun {
    let store: Store
    let place: StoragePlace
    let context: Context
    let http: HTTPClient
    var report = StoreReport()

    init(_ store: Store, _ place: StoragePlace, _ context: Context, _ http: HTTPClient) {
        self.store = store
        self.place = place
        self.context = context
        self.http = http
    }

    var storage: Storage { store.storage }
    var loop: EventLoop { http.loop }

    /// From the file to the link that gives it.
    func go(_ file: SourceFile) async throws {
        report.size = file.size
        let key = try place.key(store.name(file.path), storage)
        report.key = key?.text
        // What is wrong with it should be known before gigabytes are sent.
        try ObjectLink(to: key, in: place, storage)?.validate()
        switch (place, key) {
        case (.bucket(let bucket), let key?):
            report.bucket = bucket.endpoint.bucket
            try await store(file, as: key, in: bucket)
        case (.directory(let directory), let key?): try await copy(file, as: key, into: directory)
        case (.putURL(let target), _): try await send(file, to: target)
        default: break
        }
        guard let link = try ObjectLink(to: key, in: place, storage) else { return }
        (report.url, report.urlExpires) = (link.url, link.expires)
        if !store.skipsURLCheck { try await link.check(file.size, http, context) }
    }

    var pace: Pace? { storage.bytesPerSecond > 0 ? Pace(bytesPerSecond: storage.bytesPerSecond, on: loop) : nil }

    // MARK: The kinds of places

    private func store(_ file: SourceFile, as key: S3Key, in bucket: S3Bucket) async throws {
        let headers = try ObjectHeaders(storage, key: key, metadata: store.metadata)
        let plan = try PartPlan(size: file.size, wanted: storage.partSize)
        _ = try storage.parallel()
        context.report(Progress(.checking, "looking whether \(key.text) is there"), on: loop)
        let before = try await bucket.head(key, withChecksums: storage.checksum != .none).object
        if !store.sendsAlways, let before, try await ObjectComparison(file, plan, loop).isSame(before) {
            report.isSkipped = true
            report.etag = before.etag
            return
        }
        let upload = ObjectUpload(file, key, bucket, headers, storage, plan: plan, before: before, pace: pace)
        defer {
            report.parts = upload.plan.count > 1 ? upload.plan.count : 0
            report.partsReused = upload.partsReused
            report.bytesSent = upload.bytesSent
            report.uploadID = upload.uploadID.map { http.configuration.redaction($0) }
        }
        report.etag = try await upload.send()
    }

    private func send(_ file: SourceFile, to target: PutTarget) async throws {
        guard store.key == nil, store.metadata.isEmpty else {
            throw Failure(
                .invalidArgument, "a put_url has its own name and no metadata, but \(store.key == nil ? "metadata" : "key") is set",
                hint: "Leave it out; what the server wants besides goes into put_headers.")
        }
        let meter = TransferMeter(total: file.size, context, on: loop)
        meter.tell()
        defer { report.bytesSent = meter.moved }
        report.etag = try await target.put(FileSlice(file: file, range: 0..<file.size, pace: pace, onSent: meter.onSent))
    }

    private func copy(_ file: SourceFile, as key: S3Key, into directory: StorageDirectory) async throws {
        guard store.metadata.isEmpty else {
            throw Failure(.invalidArgument, "a directory keeps no metadata", hint: "Leave metadata_names out.")
        }
        let meter = TransferMeter(total: file.size, context, on: loop)
        meter.tell()
        defer { report.bytesSent = meter.moved }
        let onSent = meter.onSent
        let copied = try await loop.offloadToEnd { [store, loop] isCancelled in
            try directory.store(
                file, as: key, alwaysSend: store.sendsAlways, bytesPerSecond: store.storage.bytesPerSecond,
                onCopied: { bytes in loop.run { onSent(bytes) } }, isCancelled: isCancelled)
        }
        report.path = copied.path
        report.isSkipped = copied.wasThere
    }
}
