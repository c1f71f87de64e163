/// A task that runs one operation after another: making a task for each would cost a fifth of what a short operation costs in all.
///
/// Belongs to the client's loop.
final class Lane: @unchecked Sendable {
    // Unchecked: touched on the client's loop only.

    typealias Job = (operation: Operation, work: Client.Work)

    var task: Task<Void, Never>?
    private var next: UnsafeContinuation<Job?, Never>?

    /// Gives a parked lane its next operation; nil ends it.
    func hand(_ job: Job?) {
        job?.operation.task = task
        next?.resume(returning: job)
        next = nil
    }

    /// Parks until there is something to do. Nil: never again.
    func park(_ parked: () -> Void) async -> Job? {
        // Unsafe: resumed exactly once, by `hand`, after which it is gone.
        await withUnsafeContinuation { continuation in
            next = continuation
            parked()
        }
    }
}
