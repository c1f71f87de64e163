/// How far an operation is.
package struct Progress: Sendable, Equatable {
    package enum Stage: Int32, Sendable {
        case checking = 1
        case waitingTurn = 2
        case requesting = 3
        case retrying = 4
        case waitingBuild = 5
    }

    package var stage: Stage
    /// One sentence for a person.
    package var message: String
    /// Until when nothing will happen, as far as is known.
    package var waitingUntil: ContinuousClock.Instant?
    package var attempt = 1
    package var state = ""
    package var serviceState = ""

    package init(_ stage: Stage, _ message: String, waitingUntil: ContinuousClock.Instant? = nil, attempt: Int = 1) {
        self.stage = stage
        self.message = message
        self.waitingUntil = waitingUntil
        self.attempt = attempt
    }
}
