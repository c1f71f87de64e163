internal import SlipwayHTTP
package import SlipwayJSON

extension Streampixel {
    /// A build to wait for.
    package struct Wait: Sendable {
        package enum Until: Int32, Sendable { case approved = 0, live = 1 }

        package var projectID: String?
        package var uploadID: String?
        package var until = Until.approved
        /// Milliseconds; zero is the default.
        package var interval: UInt32 = 0
        package var maxInterval: UInt32 = 0
        package var settle: UInt32 = 0

        package static let defaultDeadline: UInt32 = 10_800_000

        package init() {}
    }

    /// Asks for a build's state until it is what was asked for, or rejected.
    package func wait(_ wait: Wait, _ operation: Operation, _ delivery: Delivery) async throws -> JSON {
        let context = Context(operation: operation, delivery: delivery)
        let projectID = try Identifier.check(wait.projectID, "project_id")
        let uploadID = try Identifier.check(wait.uploadID, "upload_id")
        let settle = Duration.milliseconds(wait.settle == 0 ? 60_000 : Int64(wait.settle))
        var pace = PollPace(interval: wait.interval, maxInterval: wait.maxInterval)
        var course = BuildCourse()
        var missed = 0
        let waiting = BuildWaits.Wait(projectID: projectID, uploadID: uploadID)
        waits.add(waiting)
        defer { waits.remove(waiting) }

        while true {
            pace.ask()
            do {
                let (project, document) = try await project(projectID, context)
                if let build = project.build(uploadID) {
                    missed = 0
                    if course.observe(build.serviceState, at: .now) {
                        pace.reset()
                        report(course, context)
                    }
                    let verdict = course.verdict(at: .now, settle: settle)
                    let form = normalForm(build, course, verdict, projectID, raw: document.json, since: operation.start)
                    switch verdict {
                    case .rejected: throw rejection(build, form)
                    case .live: return form
                    case .approved where wait.until == .approved: return form
                    case .approved, .undecided: break
                    }
                } else {
                    // A build that was registered a moment ago may not be listed yet.
                    missed += 1
                    if missed >= 3 { throw notFound(uploadID, projectID) }
                }
            } catch let failure as Failure where failure.isRetriable || failure.status == .protocol {
                // What is no answer of the service, such as a proxy's page, says nothing about the build, however long it is there.
                Log.warning(http.configuration.redaction("\(failure.message); asking again"))
                context.report(Progress(.retrying, failure.message, waitingUntil: pace.next()), on: loop)
            }
            var next = pace.next()
            if let settles = course.settles(settle), settles > .now { next = min(next, settles) }
            try await sleep(waiting, until: next)
            // Anybody can send webhooks: a flood of them must not become a flood of questions.
            try await loop.sleep(until: pace.soonest)
            pace.advance()
        }
    }

    /// Until `instant`, or until a webhook brings news.
    private func sleep(_ waiting: BuildWaits.Wait, until instant: ContinuousClock.Instant) async throws {
        defer { waiting.hasNews = false }
        guard !waiting.hasNews else { return }
        let sleep = Suspension<Void>(on: loop)
        waiting.sleep = sleep
        defer { waiting.sleep = nil }
        try await loop.sleep(until: instant, or: sleep)
    }

    private func report(_ course: BuildCourse, _ context: Context) {
        guard let current = course.current else { return }
        var progress = Progress(.waitingBuild, Self.sentence(current))
        progress.state = current.state.rawValue
        progress.serviceState = http.configuration.redaction(current.serviceState)
        Log.info("\(context.operation.name) \(context.operation.id): \(progress.message)")
        context.report(progress, on: loop)
    }

    private static func sentence(_ sighting: BuildCourse.Sighting) -> String {
        switch sighting.state {
        case .pending: "the service has queued the build"
        case .downloading: "the service downloads the build"
        case .extracting: "the service unpacks and scans the build"
        case .saving: "the service stores the build"
        case .distributing: "the build is on its way to the streaming servers"
        case .approved: "the service has approved the build"
        case .rejected: "the service has rejected the build"
        case .unknown: "the service says: \(sighting.serviceState.prefix(200))"
        }
    }

    private func rejection(_ build: Build, _ form: JSON) -> Failure {
        Failure(
            .rejected, build.objection ?? "the service has rejected the build without saying why",
            hint:
                "Mend the build, store it under a new link and upload that. The build must be a packaged Windows build with its .exe at the root of the zip or one folder down.",
            answer: form)
    }

    private func notFound(_ uploadID: String, _ projectID: String) -> Failure {
        Failure(
            .notFound, "project \(projectID) has no build \(uploadID)",
            hint: "Check the upload id: it must be a build of this very project.")
    }

    private func normalForm(
        _ build: Build, _ course: BuildCourse, _ verdict: BuildCourse.Verdict, _ projectID: String, raw: JSON,
        since start: ContinuousClock.Instant
    ) -> JSON {
        let timeline = course.sightings.map { sighting in
            JSON.object([
                "state": .string(sighting.state.rawValue), "serviceState": .string(sighting.serviceState),
                "afterMs": .integer((sighting.at - start).milliseconds),
            ])
        }
        return .object([
            "projectId": .string(projectID), "uploadId": .string(build.id), "fileUrl": .text(build.url.map { URL.redact($0) }),
            "state": .string(build.state.rawValue), "serviceState": .string(build.serviceState), "live": verdict == .live ? true : .null,
            "objection": .text(build.objection), "date": .text(build.date), "timeline": .array(timeline), "raw": raw,
        ])
    }
}

/// When to ask again: soon while things move, more and more seldom while they do not.
struct PollPace {
    private let first: Duration
    private let last: Duration
    private var interval: Duration
    private var asked = ContinuousClock.now

    /// Milliseconds; zero is the default.
    init(interval: UInt32, maxInterval: UInt32) {
        first = .milliseconds(interval == 0 ? 5_000 : Int64(max(interval, 10)))
        last = max(first, .milliseconds(maxInterval == 0 ? 60_000 : Int64(maxInterval)))
        self.interval = first
    }

    /// Asking now.
    mutating func ask() { asked = .now }

    /// Something has moved.
    mutating func reset() { interval = first }

    /// Nothing has moved since.
    mutating func advance() { interval = min(last, interval * 3 / 2) }

    func next() -> ContinuousClock.Instant { asked + interval }

    /// Whatever news there is, not before.
    var soonest: ContinuousClock.Instant { asked + min(interval, .seconds(1)) }
}
