/// How far an operation is.
package struct Progress: Sendable, Equatable {
    package enum Stage: Int32, Sendable {
        case checking = 1
        case waitingTurn = 2
        case requesting = 3
        case retrying = 4
        case waitingBuild = 5
        case transferring = 6
        case many = 7
    }

    /// A file on its way.
    package struct Bytes: Sendable, Equatable {
        package var done: UInt64
        package var total: UInt64
        package var perSecond: UInt64 = 0
        package var timeLeft: Duration?

        package init(done: UInt64, total: UInt64) {
            self.done = done
            self.total = total
        }
    }

    /// One of many after the other.
    package struct Items: Sendable, Equatable {
        package var done: Int
        package var failed: Int
        package var total: Int

        package init(done: Int, failed: Int, total: Int) {
            self.done = done
            self.failed = failed
            self.total = total
        }
    }

    package var stage: Stage
    /// One sentence for a person.
    package var message: String
    /// Until when nothing will happen, as far as is known.
    package var waitingUntil: ContinuousClock.Instant?
    package var attempt = 1
    package var state = ""
    package var serviceState = ""
    package var bytes: Bytes?
    package var items: Items?
    /// Of a release only; set by the operation, which knows it.
    package var release: ReleaseStage?
    package var resumeFrom = ""

    package init(_ stage: Stage, _ message: String, waitingUntil: ContinuousClock.Instant? = nil, attempt: Int = 1) {
        self.stage = stage
        self.message = message
        self.waitingUntil = waitingUntil
        self.attempt = attempt
    }
}
