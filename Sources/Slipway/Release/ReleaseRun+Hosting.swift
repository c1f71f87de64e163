internal import SlipwayHTTP

extension ReleaseRun {
    /// Makes the asset, the distribution and its link, or finds them; gives the link, which gives the very file.
    func host(_ package: Package, as name: String, isNew: Bool) async throws -> String {
        (report.assetID, report.distributionID) = (name, name)
        report.plannedURL = try enterMedia.servicesURL() + HostedBuild.publishedPath + name
        tellName(.hosting)
        // Whoever keeps the name must have it before anything of that name is made.
        try await context.operation.reportAndWait(Progress(.checking, "hosting the build as \(name)"), through: context.delivery, on: loop)
        let tail = try await loop.offload { try package.tail() }

        if !isNew, let link = try await earlierLink(name, package, tail) { return keep(link) }
        try await upload(package, as: name)
        let link = try await publish(name)
        guard try await gives(link, package, tail) else {
            throw Failure(
                .file, "what the link gives is not the file: \(URL.redact(link))",
                hint:
                    "Was \(package.path) changed meanwhile? Does something between here and EnterMediaDB change or keep answers? Release again."
            )
        }
        return keep(link)
    }

    /// Of what an earlier run has made, when that is this very file. Nil: there is nothing, or nothing that could be kept.
    private func earlierLink(_ name: String, _ package: Package, _ tail: [UInt8]) async throws -> String? {
        let published = try await hostedLink(name)
        if let published, try await isReusable(published, package, tail) {
            report.markReused()
            return published
        }
        guard let (asset, _) = try await enterMedia.asset(name, context) else { return nil }
        if published == nil, asset.size.map({ UInt64(clamping: $0) == package.size }) ?? true {
            let link = try await publish(name)
            if try await isReusable(link, package, tail) { return link }
        }
        try await checkReplaceable(name, package)
        return nil
    }

    /// A build that was registered from another file of this name would be taken for the one that is released now.
    private func checkReplaceable(_ name: String, _ package: Package) async throws {
        let projectID = try Identifier.check(release.projectID, "project_id")
        let builds = try await streampixel.project(projectID, context).project.builds
        guard let build = builds.last(where: { HostedBuild.name(in: $0.url) == name }) else { return }
        throw Failure(
            .file, "what the link gives is not \(package.path), and the build \(build.id) was registered from it",
            hint: "Start a new release, without resume_from. To go on with that build, set resume_from to \(build.id).")
    }

    private func keep(_ link: String) -> String {
        report.fileURL = link
        return link
    }

    private func upload(_ package: Package, as name: String) async throws {
        var upload = EnterMedia.Upload()
        upload.filePath = package.path
        upload.sourcePath = release.sourcePath
        // Whatever the file is called here, this name is good there.
        upload.name = name
        let target = try AssetTarget(name, file: package.path, upload)
        // As it was when it was checked: another file of that name is not sent.
        _ = try await enterMedia.send(package.file, to: target, context)
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

    /// Of a distribution that an earlier run may have made.
    private func hostedLink(_ name: String) async throws -> String? {
        guard try await enterMedia.record(name, context) != nil else { return nil }
        return try await enterMedia.found(name, context)?.originalURL
    }

    /// Whether the link gives this very file: readable as the service reads it, as long, and with the same end. In a zip the end holds the checksums of all files.
    private func gives(_ text: String, _ package: Package, _ tail: [UInt8]) async throws -> Bool {
        let link = try BuildLink(text, field: "the distribution's link")
        try await link.check(expectedSize: package.size, enterMedia.http, context)
        return try await link.ends(with: tail, size: package.size, enterMedia.http, context)
    }

    /// The same of what an earlier run has left: what is not the file is hosted again.
    private func isReusable(_ text: String, _ package: Package, _ tail: [UInt8]) async throws -> Bool {
        do {
            return try await gives(text, package, tail)
        } catch let failure as Failure where failure.status == .file && !failure.isRetriable {
            Log.warning(enterMedia.http.configuration.redaction("\(failure.message); hosting it again"))
            return false
        }
    }
}
