import Synchronization

/// Queues of blocking work by name. The jobs of one queue run one after the other, in their order, on a thread that lives as long as
/// there are any; different queues do not wait for each other.
final class WorkerQueues: Sendable {
    typealias Job = @Sendable () -> Void

    private let queues = Mutex<[String: [Job]]>([:])

    func add(to name: String, _ job: @escaping Job) {
        let isNew = queues.withLock { queues in
            let isNew = queues[name] == nil
            queues[name, default: []].append(job)
            return isNew
        }
        guard isNew else { return }
        if !startThread({ [self] in drain(name) }) {
            // No thread to be had: better late, on this one, than never.
            drain(name)
        }
    }

    private func drain(_ name: String) {
        while let job = next(name) {
            job()
        }
    }

    /// The next job; nil, and the queue is gone, when there is none.
    private func next(_ name: String) -> Job? {
        queues.withLock { queues in
            guard let jobs = queues[name], !jobs.isEmpty else {
                queues[name] = nil
                return nil
            }
            return queues[name]?.removeFirst()
        }
    }
}
