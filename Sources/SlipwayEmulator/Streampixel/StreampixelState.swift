/// All that the emulated Streampixel knows. A plain value, behind one lock in `Streampixel`.
struct StreampixelState: Sendable {
    var settings: Settings
    var users: [User]
    /// In the order of their creation.
    var projects: [Project]
    /// When each user's last call of each limited endpoint was accepted, on the monotonic clock; by endpoint and user.
    private var accepted: [String: Int] = [:]
    /// The webhooks that were sent, or lost on purpose, oldest first.
    var deliveries: [WebhookDelivery] = []
    /// Counts resets: work of an earlier generation is of no effect.
    var generation = 0

    init(settings: Settings, users: [User], projects: [Project]) {
        self.settings = settings
        self.users = users
        self.projects = projects
    }

    /// Notes a call of a limited endpoint if the limit allows it. Otherwise the milliseconds until it does.
    mutating func waitingTime(endpoint: String, userID: String) -> Int? {
        let key = "\(endpoint) \(userID)"
        let now = Clock.monotonic
        // Both are cut to whole milliseconds: when they are as far apart as the window is long, it may not be over yet.
        if settings.rateWindow > 0, let last = accepted[key], now - last <= settings.rateWindow {
            return max(1, settings.rateWindow - (now - last))
        }
        accepted[key] = now
        return nil
    }

    mutating func forgetCalls() {
        accepted = [:]
    }

    func projectIndex(_ id: String) -> Int? {
        projects.firstIndex { $0.id == id }
    }

    func build(_ id: String) -> Build? {
        for project in projects {
            if let build = project.builds.last(where: { $0.id == id }) {
                return build
            }
        }
        return nil
    }

    /// Changes a build and the project that it belongs to; nil if there is none with that id.
    mutating func withBuild<Result>(_ id: String, _ change: (inout Build, inout Project) -> Result) -> Result? {
        for index in projects.indices {
            guard let position = projects[index].builds.lastIndex(where: { $0.id == id }) else { continue }
            // Taken out while it is changed, so that project and build can be changed together.
            var build = projects[index].builds[position]
            let result = change(&build, &projects[index])
            projects[index].builds[position] = build
            projects[index].updated = Clock.wall
            return result
        }
        return nil
    }
}
