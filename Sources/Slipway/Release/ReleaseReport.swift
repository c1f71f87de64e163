internal import SlipwayHTTP
internal import SlipwayJSON

/// What a release has come to so far: its answer, whether it succeeds or fails.
struct ReleaseReport {
    private struct Entry {
        let stage: ReleaseStage
        let start: ContinuousClock.Instant
        var end: ContinuousClock.Instant?
        var isReused = false
    }

    let projectID: String?
    let filePath: String?
    /// Asset and distribution are to be gone at the end.
    let removesHosted: Bool
    private let start: ContinuousClock.Instant
    /// Nil: none has begun, or all have ended.
    var stage: ReleaseStage?
    private var timeline: [Entry] = []

    var package: Package?
    /// Nil until something is, or will be, hosted.
    var marks: HostedMarks?
    /// The place where the build is, or will be, hosted, by our own reckoning: the name of the release before it is registered.
    var resumePoint: String?
    /// The link was read in this run, and gave the very file.
    var hasReadLink = false
    /// The link as its server tells it.
    var fileURL: String?
    var uploadID: String?
    var state: String?
    var isLive: Bool?
    var objection: String?
    var isRemoved = false

    init(_ release: Release, start: ContinuousClock.Instant) {
        projectID = release.projectID
        filePath = release.filePath
        removesHosted = release.removesHosted
        self.start = start
    }

    mutating func begin(_ stage: ReleaseStage) {
        self.stage = stage
        timeline.append(Entry(stage: stage, start: .now))
    }

    mutating func endStage() {
        stage = nil
        if let last = timeline.indices.last { timeline[last].end = .now }
    }

    /// An earlier run had done what the present stage is for.
    mutating func markReused() {
        if let last = timeline.indices.last { timeline[last].isReused = true }
    }

    /// From the answer of a wait for the build.
    mutating func take(verdict: JSON) {
        state = verdict.string("state") ?? state
        isLive = verdict.bool("live") ?? isLive
        objection = verdict.string("objection") ?? objection
        fileURL = fileURL ?? verdict.string("fileUrl")
    }

    /// What makes the same call go on from here. Nil: there is nothing to go on with, or nothing that may be told. A link's query may be
    /// secret, and without it it is another link; but who has given it has it.
    var resumeFrom: String? {
        // Nothing can be done for a build that was rejected, but to remove it.
        if state == "rejected" && (isRemoved || !removesHosted) { return nil }
        return uploadID ?? resumePoint.flatMap { URL.redact($0) == $0 ? $0 : nil } ?? fileURL.flatMap { URL.redact($0) == $0 ? $0 : nil }
    }

    /// Of what this run knows to be hosted.
    var hostedName: String? { marks?.distributionID ?? marks?.key?.split(separator: "/").last.map(String.init) }

    private var isDone: Bool { stage == nil && isLive == true }

    var normalForm: JSON {
        let entries = timeline.map { entry in
            JSON.object([
                "stage": .string(entry.stage.word), "afterMs": .integer((entry.start - start).milliseconds),
                "tookMs": .integer(((entry.end ?? .now) - entry.start).milliseconds), "reused": .bool(entry.isReused),
            ])
        }
        return .object([
            "stage": isDone ? "done" : .text(stage?.word), "resumeFrom": .text(isDone ? nil : resumeFrom), "projectId": .text(projectID),
            "filePath": .text(filePath), "size": .integer(package.map { Int64(clamping: $0.size) }), "assetId": .text(marks?.assetID),
            "distributionId": .text(marks?.distributionID), "key": .text(marks?.key),
            "fileUrl": .text(fileURL.map { URL.redact(String($0.prefix { $0 != "?" })) }),
            "uploadId": .text(uploadID),
            "state": .text(state), "live": .bool(isLive), "objection": .text(objection), "removed": .bool(isRemoved),
            "findings": .array((package?.findings ?? []).map(\.normalForm)), "timeline": .array(entries),
        ])
    }
}
