/// How the emulated Streampixel behaves where its documents disagree, and how fast it is. All of it can be changed while it runs.
package struct Settings: Sendable, Equatable {
    /// Which generation of the documents is served.
    package enum Documents: String, Sendable, CaseIterable {
        /// The list is at `/projects/projects-status`: `_id`, `status: true`. Long answers to distribute-file.
        case new
        /// The list is at `/projects`, in pages: `id`, `status: "active"`. Short answers to distribute-file.
        case old
    }

    /// How a 429 says how long to wait.
    package enum RateLimitText: String, Sendable, CaseIterable {
        /// "Rate limit exceeded. Try again in 2 minutes.": the whole window, rounded up.
        case minutes
        /// "Rate limit exceeded. Try again in 97 seconds.": what is left of it, rounded up.
        case seconds
    }

    /// When a build is distributed.
    package enum Order: String, Sendable, CaseIterable {
        /// Distribute, then Approved, which is live.
        case distributeFirst = "distribute-first"
        /// Approved, then Distribute, then Approved again (without a second event), which is live.
        case approveFirst = "approve-first"
    }

    /// Which fileUrl is accepted.
    package enum FileURLRule: String, Sendable, CaseIterable {
        /// Any http or https URL.
        case any
        /// The path must end in `.zip` and there must be no query.
        case clean
    }

    package var documents = Documents.new
    /// Milliseconds between two accepted calls of upload-file, or of distribute-file, by one user; 0: no limit.
    package var rateWindow = 120_000
    package var rateLimitText = RateLimitText.minutes
    /// Whether a 429 has a Retry-After header.
    package var retryAfter = false
    /// Milliseconds that a build stays in each state, at least.
    package var stateTime = 1000
    package var order = Order.distributeFirst
    /// 200 or 201.
    package var uploadStatus = 200
    package var fileURLRule = FileURLRule.any
    /// Bytes; larger builds are rejected.
    package var maximumBuildSize = 30_000_000_000
    /// When not empty, each distribution ends in Reject with this objection.
    package var distributionObjection = ""
    /// Milliseconds until a webhook is given up.
    package var webhookTimeout = 10_000
    /// Names of events that are lost, that are sent twice; `*` is all of them.
    package var lostWebhooks: [String] = []
    package var doubledWebhooks: [String] = []
    /// Of each two webhooks for a build the second is sent first.
    package var swapsWebhooks = false

    package init() {}
}
