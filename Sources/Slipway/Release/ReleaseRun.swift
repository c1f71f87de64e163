internal import SlipwayHTTP
internal import SlipwayJSON

/// One release under way: the services that it goes by, and what it has come to.
///
/// Belongs to the client's loop.
final class ReleaseRun {
    /// Where it begins.
    enum Beginning {
        /// With hosting the build under this name: a new one, or one that an earlier run may have made already.
        case hosted(name: String, isNew: Bool)
        /// With registering a link that somebody else hosts.
        case linked(String)
        /// With waiting for a build that is registered.
        case registered(String)
    }

    let release: Release
    let streampixel: Streampixel
    let context: Context
    var host: any BuildHost
    var report: ReleaseReport

    init(_ release: Release, _ enterMedia: EnterMedia, _ streampixel: Streampixel, _ context: Context) {
        self.release = release
        self.streampixel = streampixel
        self.context = context
        host = EnterMediaHost(enterMedia, sourcePath: release.sourcePath, context)
        report = ReleaseReport(release, start: context.operation.start)
    }

    var http: HTTPClient { streampixel.http }
    var loop: EventLoop { http.loop }

    /// Tells the things that `resume_from` may be from each other, and what this release's own host has made from any other link.
    func beginning() async throws -> Beginning {
        if release.removesHosted { try host.checkUse(removes: true) }
        guard let resumeFrom = release.resumeFrom, !resumeFrom.isEmpty else {
            try host.checkUse(removes: release.removesHosted)
            return .hosted(name: host.makeName(for: release.filePath), isNew: true)
        }
        guard resumeFrom.holds("://") else { return .registered(try Identifier.check(resumeFrom, "resume_from")) }
        guard let name = try host.name(inResumePoint: resumeFrom) else {
            let link = try BuildLink(resumeFrom, field: "resume_from").url.text
            guard !release.removesHosted || host.mayHold(link) else {
                throw Failure(
                    .invalidArgument, "resume_from is a link that no release has made, and what it gives is to be removed",
                    hint: "Release it with SLIPWAY_KEEP (remove_when_done off), and remove the file where it is hosted.")
            }
            return .linked(link)
        }
        try host.checkUse(removes: release.removesHosted)
        guard release.filePath != nil else {
            (report.marks, report.resumePoint) = (host.marks(name), resumeFrom)
            return .linked(try host.link(to: name))
        }
        return .hosted(name: name, isNew: false)
    }

    /// Runs one stage, and notes when it began and how long it took.
    func stage<Value>(_ stage: ReleaseStage, _ body: () async throws -> Value) async throws -> Value {
        report.begin(stage)
        tellName(stage)
        Log.info("\(context.operation.name) \(context.operation.id): \(stage.word)")
        let value = try await body()
        report.endStage()
        return value
    }

    /// From now on the operation's news say where it is, and what to go on from.
    func tellName(_ stage: ReleaseStage) { context.operation.release = (stage, report.resumeFrom ?? "") }

    var answer: JSON { report.normalForm }

    /// What went wrong, with all that there is all the same.
    func failure(_ error: any Error) -> Failure {
        var failure = Failure(error, of: context.operation)
        if let stage = report.stage, failure.status != .rejected { failure.message = "\(stage.word): \(failure.message)" }
        failure.answer = report.normalForm
        return failure
    }
}
