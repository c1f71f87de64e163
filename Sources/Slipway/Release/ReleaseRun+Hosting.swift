internal import SlipwayHTTP

extension ReleaseRun {
    /// Hosts the build under this name, or finds that an earlier run has done it; gives the link, which gives the very file.
    func host(_ package: Package, as name: String, isNew: Bool) async throws -> String {
        report.marks = host.marks(name)
        report.resumePoint = try host.resumePoint(name)
        tellName(.hosting)
        // Whoever keeps the name must have it before anything of that name is made.
        try await context.operation.reportAndWait(Progress(.checking, "hosting the build as \(name)"), through: context.delivery, on: loop)
        let tail = try await loop.offload { try package.tail() }

        if !isNew, let link = try await earlierLink(name, package, tail) { return keep(link) }
        let link = try await host.host(package, as: name)
        guard try await gives(link, package, tail) else {
            throw Failure(
                .file, "what the link gives is not the file: \(URL.redact(link))",
                hint: "Was \(package.path) changed meanwhile? Does something between here and there change or keep answers? Release again.")
        }
        return keep(link)
    }

    /// To what an earlier run has made, when that is this very file. Nil: there is nothing, or nothing that could be kept.
    private func earlierLink(_ name: String, _ package: Package, _ tail: [UInt8]) async throws -> String? {
        let earlier = try await host.earlierLink(name, package)
        if let earlier, try await isReusable(earlier.url, package, tail) {
            if earlier.wasMade { report.markReused() }
            return earlier.url
        }
        let isThere = if earlier != nil { true } else { try await host.holds(name) }
        if isThere { try await checkReplaceable(name, package) }
        return nil
    }

    /// A build that was registered from another file of this name would be taken for the one that is released now.
    private func checkReplaceable(_ name: String, _ package: Package) async throws {
        guard HostedBuild.isName(name) else { return }
        let projectID = try Identifier.check(release.projectID, "project_id")
        let builds = try await streampixel.project(projectID, context).project.builds
        guard let build = builds.last(where: { $0.url.flatMap { HostedBuild.fileName(of: $0) } == name }) else { return }
        throw Failure(
            .file, "what the link gives is not \(package.path), and the build \(build.id) was registered from it",
            hint: "Start a new release, without resume_from. To go on with that build, set resume_from to \(build.id).")
    }

    private func keep(_ link: String) -> String {
        (report.fileURL, report.hasReadLink) = (link, true)
        return link
    }

    /// Whether the link gives this very file: readable as the service reads it, as long, and with the same end. In a zip the end holds the checksums of all files.
    private func gives(_ text: String, _ package: Package, _ tail: [UInt8]) async throws -> Bool {
        let link = try BuildLink(text, field: "the hosted build's link")
        try await link.check(expectedSize: package.size, http, context)
        return try await link.ends(with: tail, size: package.size, http, context)
    }

    /// The same of what an earlier run has left: what is not the file is hosted again.
    private func isReusable(_ text: String, _ package: Package, _ tail: [UInt8]) async throws -> Bool {
        do {
            return try await gives(text, package, tail)
        } catch let failure as Failure where failure.status == .file && !failure.isRetriable {
            Log.warning(http.configuration.redaction("\(failure.message); hosting it again"))
            return false
        }
    }
}
