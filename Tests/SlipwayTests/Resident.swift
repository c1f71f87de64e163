import SlipwayHTTP

/// An actor whose home is a loop, as a client's is.
actor Resident {
    nonisolated let loop: EventLoop

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    init(on loop: EventLoop) { self.loop = loop }

    func run<Success: Sendable>(_ body: @Sendable (isolated Resident) async throws -> Success) async rethrows -> Success {
        try await body(self)
    }

    /// A loop and an actor on it, for as long as `body` runs.
    static func with(_ body: (Resident) async throws -> Void) async throws {
        try Libraries.load()
        let loop = try EventLoop()
        var failure: (any Error)?
        do { try await body(Resident(on: loop)) } catch { failure = error }
        await withCheckedContinuation { continuation in loop.stop { continuation.resume() } }
        if let failure { throw failure }
    }
}
