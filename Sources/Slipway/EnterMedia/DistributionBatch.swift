internal import SlipwayHTTP
internal import SlipwayJSON
import Synchronization

/// One run through many creations: who is next, how many results wait for the host, and what the rest came to.
///
/// Belongs to the client's loop, but for `tally`, which the delivering thread fills.
final class DistributionBatch: @unchecked Sendable {
    // Unchecked: see above; the tally has its lock.

    let creations: ManyCreations
    let operation: Operation
    private let loop: EventLoop
    private var next = 0
    /// Why no further ones are started.
    private(set) var refusal: Failure?
    private var told = ContinuousClock.now
    /// Lanes that wait for the host to take results.
    private var waiting: [Suspension<Void>] = []

    let tally: Tally

    /// So many results may wait for a slow host.
    private static let maxUndelivered = 4096

    init(_ creations: ManyCreations, _ operation: Operation, on loop: EventLoop) {
        self.creations = creations
        self.operation = operation
        self.loop = loop
        tally = Tally(total: creations.assetIDs.count)
    }

    var hasNext: Bool { next < creations.assetIDs.count }

    /// Nobody is let in any more: to ask for each of the rest could lock the account.
    func stop(_ refusal: Failure) { self.refusal = self.refusal ?? refusal }

    /// The next index; waits while too many results are undelivered. Nil: that was all.
    func takeNext() async throws -> Int? {
        while next - tally.delivered.load(ordering: .relaxed) >= Self.maxUndelivered { try await waitForHost() }
        guard hasNext, refusal == nil else { return nil }
        defer { next += 1 }
        return next
    }

    /// Waits until the host has got the result of every one.
    func waitUntilDelivered() async throws {
        while tally.delivered.load(ordering: .relaxed) < tally.total { try await waitForHost() }
    }

    private func waitForHost() async throws {
        let turn = Suspension<Void>(on: loop)
        waiting.append(turn)
        try await turn.wait()
    }

    private func wake() {
        for turn in waiting { turn.resume(returning: ()) }
        waiting = []
    }

    /// One of them, as a part of the operation: its outcome goes to the host and into the tally.
    func part(_ index: Int, _ creation: EnterMedia.Creation) -> Operation {
        Operation(partOf: operation, name: "entermedia_distribution_create") { [self] outcome in
            // What was broken off with the whole has no result of its own.
            guard outcome.status != .cancelled, outcome.status != .deadlineExceeded else { return }
            tally.add(outcome, index, creation)
            creations.onItem?(index, outcome)
            let delivered = tally.delivered.add(1, ordering: .relaxed).newValue
            if delivered.isMultiple(of: 1024) || delivered == tally.total { loop.run { self.wake() } }
        }
    }

    func report(through delivery: Delivery, isLast: Bool = false) {
        guard isLast || .now - told >= .milliseconds(100) else { return }
        told = .now
        let (done, failed) = tally.counts
        var progress = Progress(.many, "\(done) of \(creations.assetIDs.count) distributions made")
        progress.items = Progress.Items(done: done, failed: failed, total: creations.assetIDs.count)
        operation.report(progress, through: delivery, on: loop)
    }

    /// What became of them.
    final class Tally: Sendable {
        private struct State {
            var done = 0
            var failed = 0
            var failures: [JSON] = []
        }

        /// An answer has to fit into memory, whatever fails.
        private static let maxFailures = 1000

        let total: Int
        let delivered = Atomic<Int>(0)
        private let state = Monitor(State())

        init(total: Int) { self.total = total }

        var counts: (done: Int, failed: Int) { state.withLock { ($0.done, $0.failed) } }

        func add(_ outcome: Outcome, _ index: Int, _ creation: EnterMedia.Creation) {
            state.withLock { state in
                state.done += 1
                guard outcome.status != .ok else { return }
                state.failed += 1
                guard state.failures.count < Self.maxFailures else { return }
                state.failures.append(
                    .object([
                        "index": .integer(index), "assetId": .text(creation.assetID),
                        "id": .text(creation.distributionID ?? creation.spareID),
                        "status": .string("\(outcome.status.name)"), "message": .string(outcome.message), "hint": .string(outcome.hint),
                    ]))
            }
        }

        var answer: JSON {
            state.withLock { state in
                .object([
                    "total": .integer(total), "succeeded": .integer(state.done - state.failed), "failed": .integer(state.failed),
                    "failures": .array(state.failures),
                ])
            }
        }
    }
}
