internal import SlipwayHTTP
package import SlipwayJSON

extension Streampixel {
    /// A build to register.
    package struct Upload: Sendable {
        package var projectID: String?
        package var fileURL: String?
        package var manualRelease = false
        package var skipsURLCheck = false
        package var expectedSize: UInt64 = 0
        /// Nobody else can have registered this link: a build that has it is this registration, from whenever it is.
        package var isLinkUnique = false

        package init() {}
    }

    private static let uploadPath = "/projects/upload-file"

    /// Registers a build, once: reads its link, waits for a turn, and when the answer is lost, finds out what became of the request.
    package func upload(_ upload: Upload, _ operation: Operation, _ delivery: Delivery) async throws -> JSON {
        let context = Context(operation: operation, delivery: delivery)
        let projectID = try Identifier.check(upload.projectID, "project_id")
        let link = try BuildLink(upload.fileURL)
        _ = try credentials()
        if !upload.skipsURLCheck { try await link.check(expectedSize: upload.expectedSize, http, context) }

        let members: KeyValuePairs<String, BodyValue> = [
            "projectId": .text(projectID), "fileUrl": .text(link.url.text), "autoRelease": .flag(!upload.manualRelease),
        ]
        var registration = Registration(projectID: projectID, link: link.url, isLinkUnique: upload.isLinkUnique)
        for attempt in 1... {
            let registered = try await inTurn("upload-file", context) { () async throws -> JSON? in
                // What was registered before must not be taken for this registration, nor this one, if it arrived after all, be made again.
                if let answer = try await recover(&registration, context) { return answer }
                do {
                    (registration.wasSent, registration.refusal) = (true, nil)
                    context.report(Progress(.requesting, "registering the build", attempt: attempt), on: loop)
                    let answer = try await post(Self.uploadPath, members, .whenUnsent, context).decoded()
                    return try registration.answer(answer)
                } catch let lost as Unanswered {
                    return try await afterLoss(lost.failure, &registration, attempt, context)
                } catch let failure as Failure where failure.status == .server || failure.status == .protocol && failure.isRetriable {
                    return try await afterLoss(failure, &registration, attempt, context)
                } catch let failure as Failure where failure.status == .rateLimited && attempt < settings.retry.maxAttempts {
                    // Refused, but who said so may stand in front of the service, behind which it arrived: that is looked at when the turn has come.
                    registration.refusal = failure
                    throw Postponed(until: .now + (failure.retryAfter ?? settings.rateWindow), failure: failure)
                }
            }
            if let registered { return registered }
        }
        throw CancellationError()
    }

    /// The request was sent and no usable answer came. Nil: the build is not there, so the request may be repeated at the next turn.
    private func afterLoss(_ failure: Failure, _ registration: inout Registration, _ attempt: Int, _ context: Context) async throws -> JSON?
    {
        Log.warning(http.configuration.redaction("\(failure.message); looking whether the build was registered"))
        if let answer = try await recover(&registration, context, after: failure) { return answer }
        guard attempt < settings.retry.maxAttempts else { throw failure }
        return nil
    }

    /// Reads the project's builds. The first time: remembers those with this link. Later: gives the new one, if there is one.
    private func recover(_ registration: inout Registration, _ context: Context, after failure: Failure? = nil) async throws -> JSON? {
        let project: Project
        do {
            project = try await self.project(registration.projectID, context).project
        } catch let reason as Failure {
            guard registration.wasSent else {
                // A project that cannot be read cannot be registered with either; but a reading that merely failed must not stop a registration.
                guard reason.isRetriable || reason.status == .network else { throw reason }
                return nil
            }
            // Not certain enough to send it again, and too certain to speak of a lost answer.
            if let refusal = registration.refusal { throw refusal }
            throw Failure(
                (failure ?? reason).status,
                "the request to register the build was sent, but its answer was lost (\((failure ?? reason).message)), and whether it arrived cannot be told: \(reason.message)",
                hint: "Look at the project's builds before you upload again: the build may be registered.",
                httpStatus: reason.httpStatus, isRetriable: false)
        }
        return try registration.find(in: project)
    }
}

/// One registration of a build, and how it is told from earlier ones of the same link.
private struct Registration {
    let projectID: String
    let link: URL
    let isLinkUnique: Bool
    var wasSent = false
    /// Somebody has said that it was not accepted, and nobody has looked since.
    var refusal: Failure?
    /// Builds with this link that were there before. Nil while that is not known.
    private var earlier: Set<String>?

    init(projectID: String, link: URL, isLinkUnique: Bool) {
        self.projectID = projectID
        self.link = link
        self.isLinkUnique = isLinkUnique
    }

    /// The build that this registration has made, or nil.
    mutating func find(in project: Project) throws(Failure) -> JSON? {
        if isLinkUnique {
            // A presigned link is another one each time that it is made.
            let builds = project.builds.filter { $0.url.map(Self.withoutQuery) == Self.withoutQuery(link.text) }
            return builds.last.map { normalForm($0.id, message: "registered before; the build was found", recovered: true, raw: .null) }
        }
        let builds = project.builds.filter { $0.url == link.text }
        guard wasSent, refusal == nil || earlier != nil else {
            earlier = Set(builds.map(\.id))
            return nil
        }
        guard let earlier else {
            guard !builds.isEmpty else { return nil }
            throw Failure(
                .protocol, "the answer to the registration was lost, and the project has a build with this link that may be an older one",
                hint: "Look at the project's builds; if the newest is not yours, upload again under a link of its own.")
        }
        return builds.last { !earlier.contains($0.id) }.map { build in
            normalForm(build.id, message: "registered; the answer was lost, the build was found", recovered: true, raw: .null)
        }
    }

    private static func withoutQuery(_ url: String) -> Substring { url.prefix { $0 != "?" } }

    func answer(_ answer: Streampixel.Document) throws(Failure) -> JSON {
        let id = try answer.require(answer.json.string("uploadId") ?? answer.json.string("_id"), "uploadId")
        return normalForm(id, message: answer.json.string("message"), recovered: false, raw: answer.json)
    }

    private func normalForm(_ id: String, message: String?, recovered: Bool, raw: JSON) -> JSON {
        .object([
            "uploadId": .string(id), "projectId": .string(projectID), "fileUrl": .string(link.redacted), "message": .text(message),
            "recovered": .bool(recovered), "raw": raw,
        ])
    }
}
