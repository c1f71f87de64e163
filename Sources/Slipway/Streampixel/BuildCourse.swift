/// The course of one build, as far as it was seen. The service's states may be missed, doubled or swapped, so nothing is concluded from their order;
/// what counts is which ones were seen, and what the service says now.
package struct BuildCourse: Sendable {
    package struct Sighting: Sendable, Equatable {
        package var state: BuildState
        package var serviceState: String
        package var at: ContinuousClock.Instant
    }

    package enum Verdict: Sendable, Equatable { case undecided, approved, live, rejected }

    /// Each change, in the order in which it was seen.
    package private(set) var sightings: [Sighting] = []
    private var seen: Set<BuildState> = []

    package init() {}

    package var current: Sighting? { sightings.last }

    /// Takes in what the service says now. True when that is something new.
    package mutating func observe(_ serviceState: String, at instant: ContinuousClock.Instant) -> Bool {
        guard current?.serviceState != serviceState else { return false }
        let state = BuildState(status: serviceState)
        sightings.append(Sighting(state: state, serviceState: serviceState, at: instant))
        seen.insert(state)
        return true
    }

    /// What is known at `now`. A build is live when the service says that it is approved and it was seen on its way to the streaming servers;
    /// since that moment can be missed, also when it has stayed approved for `settle`.
    package func verdict(at now: ContinuousClock.Instant, settle: Duration) -> Verdict {
        guard let current else { return .undecided }
        switch current.state {
        case .rejected: return .rejected
        case .approved: return seen.contains(.distributing) || current.at + settle <= now ? .live : .approved
        // Approved before, and now on its way: the approval stands, but it is not there yet.
        case .distributing where seen.contains(.approved): return .approved
        default: return .undecided
        }
    }

    /// When the verdict can change although the service says nothing new.
    package func settles(_ settle: Duration) -> ContinuousClock.Instant? {
        guard let current, current.state == .approved else { return nil }
        return current.at + settle
    }
}
