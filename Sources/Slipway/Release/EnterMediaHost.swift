internal import SlipwayHTTP

/// A build as an EnterMedia server hosts it: an asset and a distribution of one name.
final class EnterMediaHost: BuildHost {
    private let enterMedia: EnterMedia
    /// The folder in the library.
    private let sourcePath: String?
    private let context: Context

    init(_ enterMedia: EnterMedia, sourcePath: String?, _ context: Context) {
        self.enterMedia = enterMedia
        self.sourcePath = sourcePath
        self.context = context
    }

    func checkUse(removes: Bool) throws(Failure) { _ = try enterMedia.servicesURL() }

    func makeName(for path: String?) -> String { HostedBuild.makeName(for: path) }

    func resumePoint(_ name: String) throws -> String { try link(to: name) }

    func link(to name: String) throws -> String { try enterMedia.servicesURL() + HostedBuild.publishedPath + name }

    func name(inResumePoint text: String) throws(Failure) -> String? {
        guard !text.hasPrefix(HostedBuild.storageScheme) else {
            throw Failure(
                .invalidArgument, "resume_from, \(text), is in a storage, and the request names none",
                hint: "Set storage to the one that the release began with.")
        }
        return ownName(in: text)
    }

    /// Nil: the link is not to what this server hosts.
    private func ownName(in text: String) -> String? {
        guard let name = HostedBuild.name(in: text), let link = try? link(to: name) else { return nil }
        return link == text ? name : nil
    }

    func marks(_ name: String) -> HostedMarks { HostedMarks(assetID: name, distributionID: name) }

    func earlierLink(_ name: String, _ package: Package) async throws -> (url: String, wasMade: Bool)? {
        if let link = try await publishedLink(name) { return (link, true) }
        guard let (asset, _) = try await enterMedia.asset(name, context) else { return nil }
        guard asset.size.map({ UInt64(clamping: $0) == package.size }) ?? true else { return nil }
        return (try await publish(name), false)
    }

    /// Of a distribution that an earlier run may have made.
    private func publishedLink(_ name: String) async throws -> String? {
        guard try await enterMedia.record(name, context) != nil else { return nil }
        return try await enterMedia.found(name, context)?.originalURL
    }

    func holds(_ name: String) async throws -> Bool { try await enterMedia.asset(name, context) != nil }

    func host(_ package: Package, as name: String) async throws -> String {
        var upload = EnterMedia.Upload()
        upload.filePath = package.path
        upload.sourcePath = sourcePath
        // Whatever the file is called here, this name is good there.
        upload.name = name
        let target = try AssetTarget(name, file: package.path, upload)
        // As it was when it was checked: another file of that name is not sent.
        _ = try await enterMedia.send(package.file, to: target, context)
        return try await publish(name)
    }

    /// The link to the original of a distribution that allows it.
    private func publish(_ name: String) async throws -> String {
        var creation = EnterMedia.Creation()
        creation.assetID = name
        creation.distributionID = name
        creation.allowsOriginal = true
        // The asset is there, and the link is looked at more closely than by that.
        creation.skipsVerification = true
        guard let link = try await enterMedia.create(creation, context).distribution.originalURL else {
            throw Failure(
                .protocol, "EnterMediaDB has made the distribution \(name), but names no link to the original",
                hint: "The server may not allow originals to be published: ask its administrator.")
        }
        return link
    }

    func mayHold(_ link: String) -> Bool { HostedBuild.name(in: link) != nil }

    func name(toRemove link: String) async throws -> String? {
        guard let name = HostedBuild.name(in: link) else { return nil }
        if ownName(in: link) != nil { return name }
        // A server behind a proxy knows itself by another address than we do. What nobody can guess is here, or it is not.
        if try await enterMedia.record(name, context) != nil { return name }
        if try await enterMedia.asset(name, context) != nil { return name }
        return try await PublishedLink(url: link, isImage: false).isAlive(enterMedia.http, context) == false ? name : nil
    }

    func remove(_ name: String) async throws {
        context.report(Progress(.requesting, "removing distribution and asset"), on: enterMedia.loop)
        // The asset first: its links die with it, whatever the server has in its cache.
        _ = try await enterMedia.remove(EnterMedia.path(ofAsset: name), context)
        _ = try await enterMedia.remove(EnterMedia.deletePath(name), context)
    }
}
