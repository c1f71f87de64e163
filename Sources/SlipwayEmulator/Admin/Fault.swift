/// Something that goes wrong on purpose, for the next requests of a kind.
struct Fault: Sendable {
    /// Which requests.
    var method: String
    var path: PathPattern
    /// How many matching requests pass before the first one that gets it.
    var skip: Int
    /// How many requests get it; 0: all, until it is removed.
    var count: Int
    var stage: Stage
    /// Milliseconds to wait before all else.
    var delay: Int
    var action: Action

    /// Where in the life of a request it strikes.
    enum Stage: String, Sendable, CaseIterable {
        /// When the request arrives: it has no effect.
        case arrival
        /// When the request has had its effect: its answer is what suffers.
        case processing
    }

    enum Action: Sendable {
        case delay
        case close
        /// Takes the answer's place.
        case answer(Response)
        /// The true answer, badly delivered.
        case deliver(Delivery)
    }

    /// A whole path, or a beginning that ends in `*`.
    struct PathPattern: Sendable {
        let text: String

        func matches(_ path: String) -> Bool {
            text.hasSuffix("*") ? path.hasPrefix(text.dropLast()) : path == text
        }
    }

    func matches(_ request: Request) -> Bool {
        (method == "*" || method == request.method) && path.matches(request.path)
    }

    /// The reply of a request that has this fault. `process` lets the request have its effect and gives the true answer.
    func reply(pause: Pause, process: () -> Response) -> Reply {
        let closed = Reply(response: .message(500, ""), delivery: Delivery(isWithheld: true))
        if stage == .arrival, !pause.wait(milliseconds: delay) {
            return closed
        }
        let answer: Response?
        switch (stage, action) {
        case (.processing, _), (_, .delay), (_, .deliver): answer = process()
        case (.arrival, .close), (.arrival, .answer): answer = nil
        }
        if stage == .processing, !pause.wait(milliseconds: delay) {
            return closed
        }
        switch action {
        case .close: return closed
        case .answer(let response): return Reply(response: response)
        case .delay: return answer.map { Reply(response: $0) } ?? closed
        case .deliver(let delivery): return answer.map { Reply(response: $0, delivery: delivery) } ?? closed
        }
    }
}
