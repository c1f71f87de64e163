/// The way of a build through the service: from its registration to Approved or Reject.
///
/// Read like this:
/// - One upload at a time per project: each project has a queue, and a build stays `pending` until it is its turn. Distributions that
///   were asked for go through the same queue.
/// - `autoRelease: true`: the build is distributed and approved without being asked for, and is live then.
/// - `autoRelease: false`: it stops at Approved, which is not live, until distribute-file; then Distribute and Approved again, and live.
/// - A rejected build, and one that was replaced by another, stays in the list; a stored one can be distributed again.
///
/// Straight-line code on the queue's thread, which waits in each state. A build that is set by hand, and a reset, end it at its next step.
final class StreampixelPipeline: Sendable {
    private let state: Guarded<StreampixelState>
    private let webhooks: WebhookSender
    private let pause: Pause
    private let trust: String?
    private let queues = WorkerQueues()

    init(state: Guarded<StreampixelState>, webhooks: WebhookSender, pause: Pause, trust: String?) {
        self.state = state
        self.webhooks = webhooks
        self.pause = pause
        self.trust = trust
    }

    /// A build was registered: announces it and lets it go its way.
    func process(_ build: Build) {
        webhooks.announce(build, isLast: false)
        enqueue(build) { [self] walk in process(walk, build) }
    }

    /// A stored build is to go live.
    func distribute(_ build: Build) {
        enqueue(build) { [self] walk in
            let approvesFirst = state.withLock { $0.settings.order == .approveFirst }
            distribute(walk, isAnnounced: !approvesFirst)
        }
    }

    /// One walk of a build.
    private struct Walk {
        let buildID: String
        let number: Int
    }

    private func enqueue(_ build: Build, _ work: @escaping @Sendable (Walk) -> Void) {
        let found = state.withLock { state -> (generation: Int, walk: Walk)? in
            let walk = state.withBuild(build.id) { build, _ in
                build.jobs += 1
                return Walk(buildID: build.id, number: build.walk)
            }
            return walk.map { (state.generation, $0) }
        }
        guard let found else { return }
        // A queue for each generation: what is new after a reset does not wait for what was under way before it.
        queues.add(to: "\(found.generation) \(build.projectID)") { [self] in
            work(found.walk)
            _ = change(found.walk) { build, _ in build.jobs -= 1 }
        }
    }

    private func process(_ walk: Walk, _ build: Build) {
        guard rest(walk), enter(.downloading, walk) else { return }
        let maximum = state.withLock { $0.settings.maximumBuildSize }
        let download = BuildDownload(url: build.fileURL, maximumSize: UInt64(clamping: maximum), trust: trust)
        let outcome = download.run { [self] in isOver(walk) }
        guard rest(walk) else { return }
        switch outcome {
        case .cancelled:
            return
        case .objection(let objection):
            reject(walk, objection)
        case .downloaded(let archive):
            guard enter(.extracting, walk), rest(walk) else { return }
            if let objection = Self.objection(to: archive) {
                reject(walk, objection)
                return
            }
            guard enter(.saving, walk), rest(walk), change(walk, { build, _ in build.isStored = true }) != nil else { return }
            release(walk, automatically: build.autoRelease)
        }
    }

    private func release(_ walk: Walk, automatically: Bool) {
        let approvesFirst = state.withLock { $0.settings.order == .approveFirst }
        if !automatically || approvesFirst {
            guard enter(.approved, walk, isLast: !automatically) else { return }
        }
        if automatically, !approvesFirst || rest(walk) {
            distribute(walk, isAnnounced: !approvesFirst)
        }
    }

    /// `isAnnounced`: the approval at its end is an event.
    private func distribute(_ walk: Walk, isAnnounced: Bool) {
        guard enter(.distributing, walk, isLast: !isAnnounced), rest(walk) else { return }
        let objection = state.withLock { $0.settings.distributionObjection }
        guard objection.isEmpty else {
            reject(walk, objection)
            return
        }
        let build = change(walk) { build, project in
            build.enter(Build.Status.approved.rawValue)
            project.liveBuild = build.id
            return build
        }
        if let build, isAnnounced {
            webhooks.announce(build, isLast: true)
        }
    }

    private func reject(_ walk: Walk, _ objection: String) {
        _ = enter(.rejected, walk, objection: objection, isLast: true)
    }

    /// Puts the build into a state and announces it. False when the walk is over.
    private func enter(_ status: Build.Status, _ walk: Walk, objection: String? = nil, isLast: Bool = false) -> Bool {
        let build = change(walk) { build, _ in
            build.enter(status.rawValue, objection: objection)
            return build
        }
        guard let build else { return false }
        webhooks.announce(build, isLast: isLast)
        return true
    }

    /// Stays in a state for its time. False when the walk is over.
    private func rest(_ walk: Walk) -> Bool {
        let time = state.withLock { $0.settings.stateTime }
        return pause.wait(milliseconds: time, unless: { isOver(walk) }) && !isOver(walk)
    }

    private func isOver(_ walk: Walk) -> Bool {
        pause.stopped || state.withLock { $0.build(walk.buildID)?.walk != walk.number }
    }

    /// Changes the build of a walk; nil when the walk is over.
    private func change<Result: Sendable>(_ walk: Walk, _ body: (inout Build, inout Project) -> Result) -> Result? {
        state.withLock { state in
            guard state.build(walk.buildID)?.walk == walk.number else { return nil }
            return state.withBuild(walk.buildID, body)
        }
    }

    /// The objection to what was downloaded; nil if there is none.
    private static func objection(to archive: BuildDownload.Archive) -> String? {
        guard archive.head == [0x50, 0x4b, 0x03, 0x04] else {
            return "Corrupt archive: the file does not begin as a zip archive"
        }
        do throws(ZipDirectory.Corruption) {
            let directory = try ZipDirectory(tail: archive.tail, size: archive.size)
            return PackageInspection.objection(to: directory.entries)
        } catch {
            return "Corrupt archive: \(error.text)"
        }
    }
}
