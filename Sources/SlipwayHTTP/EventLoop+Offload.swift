import Synchronization

extension EventLoop {
    /// Runs what waits for a disk on a thread of its own, and gives what it gave. When the task is cancelled it throws at once; the work runs to its end.
    /// Throws `Shortage` when there is no thread.
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
        guard started else { throw Shortage.oneMoreThread }
        return try await suspension.wait()
    }
}

extension EventLoop {
    /// The same for work that must not go on when nobody waits for it: it is given a question, whether that is so, and asks it between its steps. Comes
    /// back only when the work has ended.
    package func offloadToEnd<Value: Sendable>(_ work: @escaping @Sendable (_ isCancelled: @escaping @Sendable () -> Bool) throws -> Value)
        async throws -> Value
    {
        let cancellation = Cancellation()
        // A task of its own: the one that is cancelled could not wait.
        let task = Task(executorPreference: self) { try await self.offload { try work { cancellation.isAsked } } }
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            cancellation.ask()
        }
    }

    private final class Cancellation: Sendable {
        private let flag = Atomic(false)

        var isAsked: Bool { flag.load(ordering: .relaxed) }

        func ask() { flag.store(true, ordering: .relaxed) }
    }
}
