internal import SlipwayHTTP

/// The operations of a client that wait for a build, so that news of it can wake them.
///
/// Belongs to the client's loop.
final class BuildWaits {
    final class Wait {
        let projectID: String
        let uploadID: String
        /// Set while the operation sleeps between two questions.
        var sleep: Suspension<Void>?
        /// News that came while a question was under way, whose answer may be older: there is no sleep after it.
        var hasNews = false

        init(projectID: String, uploadID: String) {
            self.projectID = projectID
            self.uploadID = uploadID
        }
    }

    private var waits: [ObjectIdentifier: Wait] = [:]

    func add(_ wait: Wait) { waits[ObjectIdentifier(wait)] = wait }

    func remove(_ wait: Wait) { waits[ObjectIdentifier(wait)] = nil }

    /// There is news of a build, or, when `uploadID` is nil, of some build of the project. How many waits it woke.
    func wake(projectID: String, uploadID: String?) -> Int {
        var count = 0
        for wait in waits.values where wait.projectID == projectID && (uploadID == nil || wait.uploadID == uploadID) {
            if let sleep = wait.sleep {
                if sleep.resume(returning: ()) { count += 1 }
            } else if !wait.hasNews {
                wait.hasNews = true
                count += 1
            }
        }
        return count
    }
}
