internal import SlipwayHTTP

/// A build as a storage hosts it: an object, or a file that a web server serves.
final class StorageHost: BuildHost {
    private let storage: Storage
    private let place: StoragePlace
    private let objects: ObjectStorage
    private let context: Context

    /// Finds the keys; nothing is sent.
    init(_ storage: Storage, _ objects: ObjectStorage, _ context: Context) async throws {
        self.storage = storage
        self.objects = objects
        self.context = context
        place = try await objects.open(storage, context)
    }

    private var loop: EventLoop { objects.loop }

    func checkUse(removes: Bool) throws(Failure) {
        if case .putURL = place, removes {
            throw Failure(
                .invalidArgument, "what a put_url has made cannot be removed",
                hint: "Release it with SLIPWAY_KEEP (remove_when_done off), and remove the file where it is hosted.")
        }
        try objectLink(HostedBuild.makeName(for: nil)).validateForBuild()
    }

    func makeName(for path: String?) -> String {
        guard case .putURL(let target) = place else { return HostedBuild.makeName(for: path) }
        return target.url.path.split(separator: "/").last.map(String.init) ?? ""
    }

    func resumePoint(_ name: String) throws -> String {
        guard case .bucket(let bucket) = place else { return try link(to: name) }
        return "\(HostedBuild.storageScheme)\(bucket.endpoint.bucket)/\(try bucket.endpoint.key(name).encoded)"
    }

    func name(inResumePoint text: String) throws(Failure) -> String? {
        // Any other name in a bucket or a folder may be somebody's channel. A URL that takes a PUT has the name that its owner gave it.
        let name: String? =
            switch place {
            case .putURL: makeName(for: nil)
            default: HostedBuild.fileName(of: text).flatMap { HostedBuild.isName($0) ? $0 : nil }
            }
        if let name, (try? resumePoint(name)) == text || isLink(text, to: name) { return name }
        guard !text.hasPrefix(HostedBuild.storageScheme) else {
            throw Failure(
                .invalidArgument, "resume_from, \(text), is not what a release has made in this storage",
                hint: "Give the storage that the release began with: the same bucket and key_prefix.")
        }
        return nil
    }

    /// Up to the query, which is another one each time that a link is presigned.
    private func isLink(_ text: String, to name: String) -> Bool {
        guard let link = try? link(to: name) else { return false }
        return link.prefix { $0 != "?" } == text.prefix { $0 != "?" }
    }

    func marks(_ name: String) -> HostedMarks { HostedMarks(key: (try? place.key(name, storage))?.text) }

    func link(to name: String) throws -> String { try objectLink(name).url }

    private func objectLink(_ name: String) throws(Failure) -> ObjectLink {
        guard let link = try ObjectLink(to: try place.key(name, storage), in: place, storage) else {
            throw Failure(
                .invalidArgument, "the storage gives no link that Streampixel could download",
                hint: "Set link to SLIPWAY_LINK_AUTOMATIC; for a directory set public_url to what your web server serves it as.")
        }
        return link
    }

    /// What is there is looked at by its link: there is no need to ask first.
    func earlierLink(_ name: String, _ package: Package) async throws -> (url: String, wasMade: Bool)? {
        try await holds(name) ? (try link(to: name), true) : nil
    }

    func holds(_ name: String) async throws -> Bool {
        switch place {
        case .bucket(let bucket): return try await bucket.head(try bucket.endpoint.key(name), withChecksums: false).object != nil
        case .directory(let directory):
            let path = directory.path(of: try S3Key(name, prefix: storage.keyPrefix ?? ""))
            return try await loop.offload { (try? SourceFile(path)) != nil }
        // Nobody can ask it. Whatever its link gives is looked at.
        case .putURL: return true
        }
    }

    func host(_ package: Package, as name: String) async throws -> String {
        var store = Store()
        store.storage = storage
        if case .putURL = place {} else { store.key = name }
        // The link is looked at more closely than that.
        store.skipsURLCheck = true
        let run = StoreRun(store, place, context, objects.http)
        // As it was when it was checked: another file of that name is not sent.
        try await run.go(package.file)
        return try link(to: name)
    }

    func mayHold(_ link: String) -> Bool { HostedBuild.isName(HostedBuild.fileName(of: link) ?? "") }

    func name(toRemove link: String) async throws -> String? {
        guard let name = HostedBuild.fileName(of: link), HostedBuild.isName(name) else { return nil }
        // That it is gone already is as good. Behind another address what nobody can guess is here, or it is not.
        return if isLink(link, to: name) { name } else { try await holds(name) ? name : nil }
    }

    func remove(_ name: String) async throws {
        context.report(Progress(.requesting, "removing \(name)"), on: loop)
        _ = try await objects.delete(place, name, storage)
    }
}
