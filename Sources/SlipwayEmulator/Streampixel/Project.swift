/// One project of a user.
struct Project: Sendable {
    let id: String
    let userID: String
    var name: String
    var region = "asia-pacific"
    /// A project that is not enabled may be read, but nothing may be done to it.
    var isEnabled = true
    var subscriptionStatus = "active"
    var webhookURL: String?
    /// The events that are sent; empty: all.
    var webhookEvents: [String] = []
    var customDomain: String?
    var liveUsers = 0
    var usersInQueue = 0
    let created: Int
    var updated: Int
    /// Oldest first.
    var builds: [Build] = []
    /// The build that viewers get: what only the service itself knows.
    var liveBuild: String?

    init(id: String, userID: String, name: String) {
        self.id = id
        self.userID = userID
        self.name = name
        created = Clock.wall
        updated = created
    }
}
