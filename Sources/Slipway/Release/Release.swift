internal import SlipwayHTTP
package import SlipwayJSON

/// A build to put on the air, from a .zip on this machine.
package struct Release: Sendable {
    package var projectID: String?
    package var filePath: String?
    package var resumeFrom: String?
    package var sourcePath: String?
    /// An approved build waits until it is distributed, instead of going on the air by itself.
    package var isManual = false
    /// Distribution and asset go when the build is live, or was rejected.
    package var removesHosted = false
    package var ignoresFindings = false
    /// Where the build is hosted. Nil: on the client's EnterMedia server.
    package var storage: Storage?
    /// Milliseconds; zero is the default.
    package var interval: UInt32 = 0
    package var maxInterval: UInt32 = 0
    package var settle: UInt32 = 0

    package static let defaultDeadline: UInt32 = 14_400_000

    package init() {}
}

extension Client {
    /// The whole way, from wherever an earlier run has left off.
    package func release(_ release: Release, _ operation: Operation) async throws -> JSON {
        let run = ReleaseRun(release, enterMedia, streampixel, Context(operation: operation, delivery: delivery))
        do {
            if let storage = release.storage { run.host = try await StorageHost(storage, objects, run.context) }
            try await run.go()
            return run.answer
        } catch {
            throw run.failure(error)
        }
    }
}

extension ReleaseRun {
    /// Each stage leaves in the report what the next one needs, so that an early end can tell what there is.
    func go() async throws {
        let projectID = try Identifier.check(release.projectID, "project_id")
        _ = try streampixel.credentials()
        switch try await beginning() {
        case .registered(let uploadID):
            report.uploadID = uploadID
        case .linked(let link):
            report.fileURL = link
            if let path = release.filePath, !path.isEmpty { _ = try await stage(.checking) { try await check(path) } }
            report.uploadID = try await stage(.registering) { try await register(link, in: projectID) }
        case .hosted(let name, let isNew):
            let package = try await stage(.checking) { try await check(release.filePath) }
            let link = try await stage(.hosting) { try await host(package, as: name, isNew: isNew) }
            report.uploadID = try await stage(.registering) { try await register(link, in: projectID) }
        }
        do {
            try await goLive(projectID)
        } catch let rejection as Failure where rejection.status == .rejected && release.removesHosted {
            let stage = report.stage
            // Nobody will download it any more. That it was rejected is what the host must hear, whatever becomes of the rest.
            do { try await self.stage(.removing) { try await remove() } } catch {
                let reason = Failure(error, of: context.operation).message
                Log.warning(http.configuration.redaction("the hosted build could not be removed: \(reason)"))
            }
            report.stage = stage
            throw rejection
        }
        if release.removesHosted { try await stage(.removing) { try await remove() } }
    }

    private func goLive(_ projectID: String) async throws {
        try await stage(.waiting) { try await wait(projectID, until: release.isManual ? .approved : .live) }
        guard release.isManual, report.isLive != true else { return }
        try await stage(.distributing) {
            _ = try await streampixel.distribute(
                projectID: projectID, uploadID: report.uploadID, context.operation, context.delivery)
        }
        try await stage(.goingLive) { try await wait(projectID, until: .live) }
    }

    // MARK: The stages

    private func check(_ path: String?) async throws -> Package {
        context.report(Progress(.checking, "reading the package"), on: loop)
        let package = try await loop.offload { try Package.read(path) }
        report.package = package
        guard !release.ignoresFindings, let finding = package.findings.first(where: { $0.severity == .error }) else { return package }
        throw Failure(
            .file, "\(package.path): \(finding.message)",
            hint: "Streampixel would reject it: package the build again. If you know better, set ignore_findings.")
    }

    private func register(_ link: String, in projectID: String) async throws -> String {
        var upload = Streampixel.Upload()
        upload.projectID = projectID
        upload.fileURL = link
        upload.manualRelease = release.isManual
        // A link of our own has just been read, and nobody else can know it.
        upload.skipsURLCheck = report.hasReadLink
        upload.isLinkUnique = HostedBuild.isName(HostedBuild.fileName(of: link) ?? "")
        upload.expectedSize = report.package?.size ?? 0
        let answer = try await streampixel.upload(upload, context.operation, context.delivery).whole("reading the answer to it")
        let id = try Identifier.check(answer.string("uploadId"), "uploadId")
        if answer.bool("recovered") == true { report.markReused() }
        report.uploadID = id
        // From here on the build's id is what to go on from; whoever keeps it must have it before anything else can happen.
        tellName(.registering)
        try await context.operation.reportAndWait(Progress(.requesting, "the build is registered"), through: context.delivery, on: loop)
        return id
    }

    private func wait(_ projectID: String, until: Streampixel.Wait.Until) async throws {
        var wait = Streampixel.Wait()
        wait.projectID = projectID
        wait.uploadID = report.uploadID
        wait.until = until
        (wait.interval, wait.maxInterval, wait.settle) = (release.interval, release.maxInterval, release.settle)
        do {
            let verdict = try await streampixel.wait(wait, context.operation, context.delivery)
            report.take(verdict: try verdict.whole("reading the answer to it"))
        } catch let failure as Failure {
            if let verdict = failure.answer { report.take(verdict: verdict) }
            throw failure
        }
    }

    private func remove() async throws {
        var name = report.hostedName
        if name == nil, let link = report.fileURL { name = try await host.name(toRemove: link) }
        guard let name else {
            throw Failure(
                .notFound, "the build's link is not one that a release has made here: there is nothing to remove",
                hint: "Remove the file where it is hosted, or give the server or storage that the release began with.")
        }
        report.marks = host.marks(name)
        try await host.remove(name)
        report.isRemoved = true
    }
}
