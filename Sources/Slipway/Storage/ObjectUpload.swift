internal import SlipwayHTTP

/// A file on its way to an object: in one piece, or in parts that several lanes send.
///
/// Belongs to the client's loop.
final class ObjectUpload: @unchecked Sendable {
    // Unchecked: the lanes are tasks of the loop's.

    let file: SourceFile
    let key: S3Key
    let bucket: S3Bucket
    let headers: ObjectHeaders
    let storage: Storage
    /// What was there under this key before.
    let before: StoredObject?
    private let pace: Pace?
    let meter: TransferMeter

    private(set) var plan: PartPlan
    private(set) var uploadID: String?
    /// Somebody else has begun the upload, perhaps with other settings.
    private var isContinued = false
    private(set) var partsReused = 0
    private var listed: [Int: StoredPart] = [:]
    private(set) var completed: [Int: CompletedPart] = [:]
    private var next = 1

    init(
        _ file: SourceFile, _ key: S3Key, _ bucket: S3Bucket, _ headers: ObjectHeaders, _ storage: Storage, plan: PartPlan,
        before: StoredObject?, pace: Pace?
    ) {
        self.file = file
        self.key = key
        self.bucket = bucket
        self.headers = headers
        self.storage = storage
        self.plan = plan
        self.before = before
        self.pace = pace
        meter = TransferMeter(total: file.size, bucket.context, on: bucket.http.loop)
    }

    var bytesSent: UInt64 { meter.moved }
    var loop: EventLoop { bucket.http.loop }

    /// Sends what the storage does not have yet, and makes the object. Gives its ETag, if the storage tells one.
    func send() async throws -> ETag? {
        guard plan.count > 1 else {
            meter.tell()
            let etag = try await sendWhole()
            return try await confirm(etag, isCertain: etag != nil)
        }
        do {
            do {
                return try await sendInParts(goesOn: true)
            } catch let lost as LostUpload {
                // Whatever has become of it there, the file is here.
                Log.warning(bucket.http.configuration.redaction("\(lost.failure.message); sending the file anew"))
                await abort()
                meter.startOver()
                (uploadID, isContinued, listed, completed, next, partsReused) = (nil, false, [:], [:], 1, 0)
                return try await sendInParts(goesOn: false)
            }
        } catch {
            let lost = error as? LostUpload
            if storage.abortsUnfinished || lost != nil { await abort() }
            throw lost?.failure ?? error
        }
    }

    /// The storage has lost the upload, or parts of it that it has confirmed.
    struct LostUpload: Error { let failure: Failure }

    private func sendInParts(goesOn: Bool) async throws -> ETag? {
        try await begin(goesOn: goesOn)
        try await sendParts()
        try await checkFile()
        return try await confirm(try await complete(), isCertain: true)
    }

    private func sendWhole() async throws -> ETag? {
        let range = 0..<file.size
        let digests = try await digests(of: range, storage.checksum.digests)
        return try await bucket.put(key, slice(range), headers, digests, storage.checksum)
    }

    private func slice(_ range: Range<UInt64>) -> FileSlice { FileSlice(file: file, range: range, pace: pace, onSent: meter.onSent) }

    /// Over plain http the signature is what protects the content, and it needs the content's hash.
    private func digests(of range: Range<UInt64>, _ wanted: FileDigests.Kinds) async throws -> FileDigests? {
        let isSigned = storage.signsPayload || !bucket.endpoint.isSecure
        let kinds = isSigned ? wanted.union(.sha256) : wanted
        guard !kinds.isEmpty else { return nil }
        return try await loop.offloadToEnd { [file] isCancelled in try FileDigests(kinds, of: file, range, isCancelled: isCancelled) }
    }

    // MARK: An upload to send the parts to

    /// Goes on with an unfinished upload of this key, or begins one.
    private func begin(goesOn: Bool) async throws {
        let unfinished = try await unfinished()
        for upload in unfinished.reversed().prefix(goesOn ? Self.maxLooks : 0) {
            guard case .parts(let parts) = try await listing(of: upload.id), parts.count > listed.count || uploadID == nil else { continue }
            (uploadID, isContinued, listed, plan) = (upload.id, true, parts, plan(for: parts))
        }
        if uploadID == nil { uploadID = try await create(known: unfinished) }
        if !listed.isEmpty {
            Log.info("going on with the unfinished upload of \(key.text): \(listed.count) of \(plan.count) parts are there")
        }
    }

    /// So many unfinished uploads of one key are looked at, the newest first.
    private static let maxLooks = 5

    /// Of this key, the oldest first. None when the storage does not tell.
    private func unfinished() async throws -> [UnfinishedUpload] {
        do {
            let uploads = try await bucket.uploads(below: key.text, limit: 1000).found.filter { $0.key == key.text }
            return uploads.sorted { ($0.started?.secondsSince1970 ?? 0) < ($1.started?.secondsSince1970 ?? 0) }
        } catch let failure as Failure where [.forbidden, .rejected].contains(failure.status) {
            Log.warning("\(failure.message); an unfinished upload could not be found by it")
            return []
        }
    }

    /// What the storage says of an upload that has begun.
    enum Listing {
        case parts([Int: StoredPart])
        case gone
        /// These credentials may write, but not look.
        case hidden
    }

    func listing(of upload: String) async throws -> Listing {
        do {
            return try await bucket.parts(of: upload, key).map { .parts($0) } ?? .gone
        } catch let failure as Failure where [.forbidden, .rejected].contains(failure.status) {
            Log.warning(bucket.http.configuration.redaction("\(failure.message); what has arrived is not known"))
            return .hidden
        }
    }

    /// The one that these parts were cut by, if this file can be cut so: all but the last one have one size. Parts of another size are sent again.
    private func plan(for parts: [Int: StoredPart]) -> PartPlan {
        guard storage.partSize == 0, let largest = parts.values.map(\.size).max(), PartPlan.sizes.contains(largest) else { return plan }
        return PartPlan(size: file.size, partSize: largest) ?? plan
    }

    /// Begins an upload. One whose answer was lost is looked for before another one is begun.
    private func create(known: [UnfinishedUpload]) async throws -> String {
        var attempt = 0
        while true {
            attempt += 1
            let failure: Failure
            switch try await bucket.create(key, headers, storage.checksum) {
            case .answer(let response):
                do { return try bucket.uploadID(in: response, key) } catch let unreadable as Failure { failure = unreadable }
            case .refusal(_, let refusal): failure = refusal
            case .silence(let silence): failure = silence
            }
            let mayHaveArrived = failure.isRetriable || failure.status == .protocol
            if mayHaveArrived, let new = try await unfinished().last(where: { !known.contains($0) }) { return new.id }
            try await bucket.pause(after: attempt, failure)
        }
    }

    // MARK: The parts

    private func sendParts() async throws {
        report()
        let lanes = min(try storage.parallel(), plan.count)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<lanes { group.addTask { try await self.runLane() } }
            // The first failure ends them all.
            for try await _ in group {}
        }
    }

    private func runLane() async throws {
        while next <= plan.count {
            let number = next
            next += 1
            completed[number] = try await sendPart(number)
            report()
        }
    }

    private func report() {
        meter.parts = Progress.Items(done: completed.count, failed: 0, total: plan.count)
        meter.tell()
    }

    private func sendPart(_ number: Int) async throws -> CompletedPart {
        let range = plan.range(of: number)
        let there = listed[number].flatMap { $0.size == UInt64(range.count) && $0.etag.isMD5 ? $0 : nil }
        let digests = try await digests(of: range, storage.checksum.digests.union(there == nil ? [] : .md5))
        if let there, let digests, let md5 = digests.md5, ETag(md5: md5) == there.etag {
            partsReused += 1
            meter.add(there.size)
            return CompletedPart(number: number, etag: there.etag, checksum: try BodyChecksum(storage.checksum, digests))
        }
        do {
            let part = try await bucket.putPart(number, of: uploadID ?? "", key, slice(range), digests, storage.checksum)
            guard let part else { throw gone("while part \(number) was sent") }
            return part
        } catch let failure as Failure where failure.httpStatus == 501 || cannotGoOn(after: failure) {
            // Some storages cannot replace a part, not even one that was cut off: rclone.
            throw LostUpload(failure: failure)
        }
    }

    /// What is refused may be so because of what the upload was begun with: a checksum, for one.
    func cannotGoOn(after failure: Failure) -> Bool { isContinued && [.invalidArgument, .rejected].contains(failure.status) }

    func gone(_ moment: String) -> LostUpload {
        LostUpload(
            failure: Failure(
                .notFound, "S3, the unfinished upload of \(bucket.name(of: key)) was ended by somebody else \(moment)",
                hint: "Does something abort unfinished uploads, or store the same key? Store the file again.", isRetriable: true))
    }

    /// What was sent in parts is one file only if that did not change between them.
    private func checkFile() async throws {
        guard try await loop.offload({ [file] in try SourceFile(file.path) }) == file else { throw file.changed }
    }

    // MARK: Ending early

    private static let timeToAbort = Duration.seconds(10)

    /// Also when the operation was cancelled, and not for long: a task of its own does it.
    private func abort() async {
        guard let uploadID else { return }
        let (bucket, key) = (bucket, key)
        let task = Task(executorPreference: loop) { try? await bucket.abort(uploadID, key) }
        let timer = loop.addTimer(at: .now + Self.timeToAbort) { task.cancel() }
        defer { loop.removeTimer(timer) }
        if await task.value != nil { self.uploadID = nil }
    }
}
