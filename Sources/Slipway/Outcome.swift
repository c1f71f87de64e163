package import SlipwayJSON

/// How an operation ended. Nothing in it is secret.
package struct Outcome: Sendable {
    package var operation: UInt64
    package var status: Status
    package var httpStatus: Int
    package var attempts: Int
    package var isRetriable: Bool
    package var retryAfter: Duration?
    package var message: String
    package var hint: String
    package var answer: JSON
}
