import SlipwayJSON

/// Posts webhooks as the service does: one attempt, ten seconds, no signature. Any thread.
///
/// The webhooks of one project go out one after the other, so that their order is that of the events, unless the settings say that it
/// is not to be.
final class WebhookSender: Sendable {
    /// One event of a build, or the test event.
    struct Event: Sendable {
        let name: String
        let projectID: String
        var uploadID: String?
        var fileURL: String?
        let status: String
        var objection: String?

        var body: [UInt8] {
            JSON.object([
                "event": .string(name),
                "projectId": .string(projectID),
                "uploadId": uploadID.map { .string($0) } ?? .null,
                "fileUrl": fileURL.map { .string($0) } ?? .null,
                "status": .string(status),
                "objection": objection.map { .string($0) } ?? .null,
                "timestamp": .string(Clock.text(wall: Clock.wall)),
            ]).utf8()
        }
    }

    private let state: Guarded<StreampixelState>
    private let pause: Pause
    private let trust: String?
    private let queues = WorkerQueues()
    /// Events that wait for the next one of their build, to be sent after it.
    private let held = Guarded<[String: Event]>([:])

    init(state: Guarded<StreampixelState>, pause: Pause, trust: String?) {
        self.state = state
        self.pause = pause
        self.trust = trust
    }

    /// Announces a state of a build; what the settings say about loss, doubling and swapping happens here. `isLast`: the build's
    /// last event for now, so that none is held back for ever.
    func announce(_ build: Build, isLast: Bool) {
        let event = Event(
            name: Build.Status(rawValue: build.status)?.event ?? "build.updated", projectID: build.projectID, uploadID: build.id,
            fileURL: build.fileURL, status: build.status, objection: build.objection)
        let swaps = state.withLock { $0.settings.swapsWebhooks }
        let due = held.withLock { held -> [Event] in
            if let earlier = held.removeValue(forKey: build.id) {
                return [event, earlier]
            }
            guard swaps, !isLast else { return [event] }
            held[build.id] = event
            return []
        }
        for event in due {
            enqueue(event)
        }
    }

    /// Forgets what is held back.
    func reset() {
        held.withLock { $0 = [:] }
    }

    private func enqueue(_ event: Event) {
        let body = event.body
        let generation = state.withLock { $0.generation }
        // As in the pipeline: what is new after a reset does not wait for what was under way before it.
        queues.add(to: "\(generation) \(event.projectID)") { [self] in
            let found = state.withLock { state -> (url: String, copies: Int)? in
                guard state.generation == generation, let index = state.projectIndex(event.projectID),
                    let url = state.projects[index].webhookURL
                else { return nil }
                let wanted = state.projects[index].webhookEvents
                guard wanted.isEmpty || wanted.contains(event.name) else { return nil }
                let settings = state.settings
                if Self.list(settings.lostWebhooks, has: event.name) {
                    return (url, 0)
                }
                return (url, Self.list(settings.doubledWebhooks, has: event.name) ? 2 : 1)
            }
            guard let found else { return }
            if found.copies == 0 {
                note(
                    WebhookDelivery(
                        event: event.name, projectID: event.projectID, url: found.url, body: body, at: Clock.wall, status: 0, isLost: true),
                    generation: generation)
            }
            for _ in 0..<found.copies {
                _ = post(body, event: event.name, projectID: event.projectID, to: found.url)
            }
        }
    }

    /// Posts now, on the calling thread. The status of the answer; 0 when there was none.
    func post(_ body: [UInt8], event: String, projectID: String, to url: String) -> Int {
        let (timeout, generation) = state.withLock { ($0.settings.webhookTimeout, $0.generation) }
        let transfer = Transfer(method: .post(json: body), url: url, timeout: timeout, trust: trust)
        let outcome = transfer.perform(isCancelled: { [pause] in pause.stopped }, receive: { _, _ in true })
        var status = 0
        if case .answered(let answered, _) = outcome {
            status = answered
        }
        note(
            WebhookDelivery(event: event, projectID: projectID, url: url, body: body, at: Clock.wall, status: status, isLost: false),
            generation: generation)
        return status
    }

    private func note(_ delivery: WebhookDelivery, generation: Int) {
        state.withLock { state in
            guard state.generation == generation else { return }
            state.deliveries.append(delivery)
            if state.deliveries.count > Self.memory {
                state.deliveries.removeFirst(Self.memory / 4)
            }
        }
    }

    private static let memory = 10_000

    private static func list(_ list: [String], has event: String) -> Bool {
        list.contains(event) || list.contains("*")
    }
}
