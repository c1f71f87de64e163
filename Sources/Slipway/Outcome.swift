internal import SlipwayHTTP
package import SlipwayJSON

/// How an operation ended. Its message and hint hold nothing secret; its answer does not after `finished`.
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
    /// The answer as text.
    package var document: [UInt8] = []
}

extension Outcome {
    /// With the answer as text, and nothing secret in either. For the delivering thread: it takes time that the loop does not have.
    func finished(_ redaction: Redaction) -> Outcome {
        var outcome = self
        outcome.document = answer.utf8()
        let clean = redaction(answer, text: outcome.document)
        if clean != answer {
            outcome.answer = clean
            outcome.document = clean.utf8()
        }
        return outcome
    }
}
