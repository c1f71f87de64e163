/// One point at which an operation waits: it goes on once, by its event or by the cancellation of its task, whichever comes first.
///
/// Belongs to the loop's thread.
package final class Suspension<Success: Sendable>: @unchecked Sendable {
    // Unchecked: the cancellation handler takes the object to the loop's thread before it touches it.
    private let loop: EventLoop
    private var continuation: UnsafeContinuation<Success, any Error>?
    private var outcome: Result<Success, any Error>?

    package init(on loop: EventLoop) { self.loop = loop }

    /// Waits. Called once at the most. Throws `CancellationError` when the task is cancelled first.
    ///
    /// A continuation comes back to the executor that its task prefers, whatever it was isolated to: tasks are started with a preference for the loop.
    package func wait() async throws -> Success {
        try await withTaskCancellationHandler {
            // Unsafe: resumed exactly once, by `settle`. The checked kind costs an allocation for each of tens of thousands a second.
            try await withUnsafeThrowingContinuation { continuation in
                if let outcome { continuation.resume(with: outcome) } else { self.continuation = continuation }
            }
        } onCancel: {
            loop.run { self.settle(.failure(CancellationError())) }
        }
    }

    /// False when it has been settled already, by cancellation for one.
    @discardableResult
    package func resume(returning value: Success) -> Bool { settle(.success(value)) }

    @discardableResult
    package func resume(throwing error: any Error) -> Bool { settle(.failure(error)) }

    @discardableResult
    private func settle(_ result: Result<Success, any Error>) -> Bool {
        guard outcome == nil else { return false }
        outcome = result
        continuation?.resume(with: result)
        continuation = nil
        return true
    }
}
