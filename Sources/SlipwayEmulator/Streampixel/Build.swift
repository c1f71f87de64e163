/// One build that was uploaded to a project, as the emulator knows it.
struct Build: Sendable {
    /// The service's own words for the states.
    enum Status: String, Sendable, CaseIterable {
        case pending
        case downloading = "Downloading Files"
        case extracting = "Extracting & Scanning"
        case saving = "Saving to Repository"
        case distributing = "Distribute"
        case approved = "Approved"
        case rejected = "Reject"

        /// The webhook event that announces the state.
        var event: String {
            switch self {
            case .pending: "build.uploaded"
            case .downloading: "build.downloading"
            case .extracting: "build.extracting"
            case .saving: "build.saving"
            case .distributing: "build.distributing"
            case .approved: "build.approved"
            case .rejected: "build.rejected"
            }
        }
    }

    let id: String
    let projectID: String
    let fileURL: String
    let autoRelease: Bool
    /// The raw status: one of `Status`, or whatever was set by hand.
    private(set) var status: String
    var objection: String?
    /// Each status with the time when it began, milliseconds since 1970.
    private(set) var history: [(status: String, at: Int)]
    /// It is in the service's repository, so that it can be distributed.
    var isStored = false
    /// Which walk through the pipeline is the valid one: setting a build by hand ends the walks that are under way.
    var walk = 0
    /// How many jobs of the pipeline are under way or queued.
    var jobs = 0

    init(id: String, projectID: String, fileURL: String, autoRelease: Bool, status: String) {
        self.id = id
        self.projectID = projectID
        self.fileURL = fileURL
        self.autoRelease = autoRelease
        self.status = status
        history = [(status, Clock.wall)]
    }

    mutating func enter(_ status: String, objection: String? = nil) {
        self.status = status
        self.objection = objection
        history.append((status, Clock.wall))
    }

    /// When it was uploaded, milliseconds since 1970.
    var date: Int {
        history.first?.at ?? 0
    }
}
