/// How far the service is with a build. Raw texts and webhook events lead here.
package enum BuildState: String, Sendable {
    case pending
    case downloading
    case extracting
    case saving
    case distributing
    case approved
    case rejected
    /// A word that this version does not know. The word itself is kept beside it.
    case unknown

    /// From `files[].status` or a webhook's `status`, in any case.
    package init(status: String) {
        switch status.lowercased() {
        case "pending", "queued", "uploaded": self = .pending
        case "downloading files", "downloading": self = .downloading
        case "extracting & scanning", "extracting": self = .extracting
        case "saving to repository", "saving": self = .saving
        case "distribute", "distributing": self = .distributing
        case "approved": self = .approved
        case "reject", "rejected": self = .rejected
        default: self = .unknown
        }
    }

    /// From a webhook's `event`, such as "build.approved". Nil when it is not about a build.
    package init?(event: String) {
        guard event.hasPrefix("build.") else { return nil }
        self.init(status: String(event.dropFirst("build.".count)))
    }
}
