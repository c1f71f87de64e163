/// The emulated Streampixel: what it knows, and what it does by itself. Its endpoints are in StreampixelService.
final class Streampixel: Sendable {
    /// Where its API is served.
    static let prefix = "/pixelStripeApi"

    let state: Guarded<StreampixelState>
    let pipeline: StreampixelPipeline
    let webhooks: WebhookSender
    private let pause: Pause
    private let start: StreampixelState

    /// `trust`: a file with the certificates to trust for https downloads and webhooks; nil: the system's.
    init(settings: Settings, users: [User], projects: [Project], pause: Pause, trust: String?) {
        start = StreampixelState(settings: settings, users: users, projects: projects)
        state = Guarded(start)
        self.pause = pause
        webhooks = WebhookSender(state: state, pause: pause, trust: trust)
        pipeline = StreampixelPipeline(state: state, webhooks: webhooks, pause: pause, trust: trust)
    }

    /// Back to how it started. What the pipeline has under way ends without effect.
    func reset() {
        state.withLock { state in
            let generation = state.generation + 1
            state = start
            state.generation = generation
        }
        webhooks.reset()
        pause.wake()
    }

    /// Changes what it knows, and lets those who wait see the change.
    func change<Result: Sendable>(_ body: (inout StreampixelState) throws -> Result) rethrows -> Result {
        defer { pause.wake() }
        return try state.withLock(body)
    }
}
