internal import SlipwayHTTP

/// Whether an object that is there has the content of a file, as far as that can be told without reading the object.
struct ObjectComparison {
    private let file: SourceFile
    /// The parts that the file would be sent in: those that it was sent in before, if the settings were the same.
    private let plan: PartPlan
    private let loop: EventLoop

    init(_ file: SourceFile, _ plan: PartPlan, _ loop: EventLoop) {
        self.file = file
        self.plan = plan
        self.loop = loop
    }

    /// Reads the file when its size is right and the object has a checksum that can be computed from a file. Anything else is another content.
    func isSame(_ object: StoredObject) async throws -> Bool {
        guard object.size == file.size else { return false }
        for (kept, kind) in [(object.sha256, FileDigests.Kinds.sha256), (object.crc32, .crc32)] {
            guard let kept else { continue }
            let words = kept.split(separator: "-", omittingEmptySubsequences: false)
            return try await sum(kind, inParts: words.count > 1 ? Int(words[1]) ?? 0 : nil).map { Base64.encode($0) == words[0] } ?? false
        }
        // Some storages give the whole content's MD5 whatever it was sent in; those that encrypt give nothing that could be computed.
        guard let etag = object.etag, etag.isMD5 || etag.partCount != nil else { return false }
        guard let sum = try await sum(.md5, inParts: etag.partCount) else { return false }
        return ETag(md5: Digest(bytes: sum)).text == etag.text.lowercased().prefix(32)
    }

    /// Of the whole file, or, as AWS does it, of the sums of its parts. Nil when it would not be cut into so many.
    private func sum(_ kind: FileDigests.Kinds, inParts count: Int?) async throws -> [UInt8]? {
        guard let count else { return try await digests(kind, 0..<file.size).bytes(kind) }
        guard count == plan.count else { return nil }
        var sums: [UInt8] = []
        for number in 1...plan.count { sums += try await digests(kind, plan.range(of: number)).bytes(kind) ?? [] }
        return try FileDigests(kind, of: sums).bytes(kind)
    }

    private func digests(_ kinds: FileDigests.Kinds, _ range: Range<UInt64>) async throws -> FileDigests {
        try await loop.offloadToEnd { [file] isCancelled in try FileDigests(kinds, of: file, range, isCancelled: isCancelled) }
    }
}
