extension EventLoop {
    /// Runs what waits for a disk on a thread of its own, and gives what it gave. When the task is cancelled it throws at once; the work runs to its end.
    package func offload<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        let suspension = Suspension<Value>(on: self)
        let started = Thread.start(named: "slipway-disk") { [self] in
            let result = Result { try work() }
            run {
                switch result {
                case .success(let value): suspension.resume(returning: value)
                case .failure(let error): suspension.resume(throwing: error)
                }
            }
        }
        guard started else { throw TransferFailure(.setup, "the system has no thread to give (pthread_create failed)", wasSent: false) }
        return try await suspension.wait()
    }
}
