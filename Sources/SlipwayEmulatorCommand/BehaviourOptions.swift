import ArgumentParser
import SlipwayEmulator

/// How the service behaves where its documents leave a choice.
struct BehaviourOptions: ParsableArguments {
    @Option(help: ArgumentHelp("How long a build stays in each state, at least.", valueName: "ms"))
    var stateMs = 1000

    @Option(
        help: ArgumentHelp(
            "One upload-file, and one distribute-file, per user in this time; 0: no limit.", valueName: "ms"))
    var rateWindowMs = 120_000

    @Option(help: "How a 429 says how long to wait: the window in minutes, or what is left in seconds.")
    var rateLimitText = Settings.RateLimitText.minutes

    @Flag(help: "Answer 429 with a Retry-After header.")
    var retryAfter = false

    @Option(help: "The list of projects: /projects/projects-status (new) or /projects in pages (old).")
    var documents = Settings.Documents.new

    @Option(help: ArgumentHelp("The status of a successful upload-file: 200 or 201.", valueName: "status"))
    var uploadStatus = 200

    @Option(help: "Which fileUrl is accepted: any, or only clean ones that end in .zip and have no query.")
    var fileUrlRule = Settings.FileURLRule.any

    @Option(help: "Whether a build is distributed before or after it is approved.")
    var order = Settings.Order.distributeFirst

    @Option(help: ArgumentHelp("Larger builds are rejected.", valueName: "bytes"))
    var maxBuildBytes = 30_000_000_000

    @Option(help: ArgumentHelp("Lose this webhook event; can be repeated; '*' is all.", valueName: "event"))
    var loseWebhook: [String] = []

    @Option(help: ArgumentHelp("Post this webhook event twice; can be repeated; '*' is all.", valueName: "event"))
    var doubleWebhook: [String] = []

    @Flag(help: "Swap each two webhooks of a build.")
    var swapWebhooks = false

    @Option(help: ArgumentHelp("When a webhook is given up.", valueName: "ms"))
    var webhookTimeoutMs = 10_000

    func validate() throws {
        guard stateMs >= 0, rateWindowMs >= 0, maxBuildBytes >= 0, webhookTimeoutMs > 0 else {
            throw ValidationError("Times and sizes cannot be negative.")
        }
        guard [200, 201].contains(uploadStatus) else {
            throw ValidationError("--upload-status must be 200 or 201.")
        }
    }

    func apply(to settings: inout Settings) {
        settings.stateTime = stateMs
        settings.rateWindow = rateWindowMs
        settings.rateLimitText = rateLimitText
        settings.retryAfter = retryAfter
        settings.documents = documents
        settings.uploadStatus = uploadStatus
        settings.fileURLRule = fileUrlRule
        settings.order = order
        settings.maximumBuildSize = maxBuildBytes
        settings.lostWebhooks = loseWebhook
        settings.doubledWebhooks = doubleWebhook
        settings.swapsWebhooks = swapWebhooks
        settings.webhookTimeout = webhookTimeoutMs
    }
}

extension Settings.RateLimitText: ExpressibleByArgument {}
extension Settings.Documents: ExpressibleByArgument {}
extension Settings.FileURLRule: ExpressibleByArgument {}
extension Settings.Order: ExpressibleByArgument {}
