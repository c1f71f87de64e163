internal import SlipwayHTTP
package import SlipwayJSON

/// What an operation's work comes to when it has not failed.
package enum Ending: Sendable {
    case answer(JSON)
    /// The answer is still to be made, on the delivering thread: an answer of megabytes must not hold up every transfer of the loop.
    case later(@Sendable () throws -> JSON)
}

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

extension Outcome {
    /// For the delivering thread, once the loop is done with the operation.
    init(of operation: Operation, _ result: Result<Ending, any Error>, _ redaction: Redaction) {
        self.init(
            operation: operation.id, status: .ok, httpStatus: operation.httpStatus, attempts: operation.attempts, isRetriable: false,
            retryAfter: nil, message: "", hint: "", answer: .null)
        do {
            switch try result.get() {
            case .answer(let json): answer = json
            case .later(let make): answer = try make()
            }
        } catch {
            let failure = Failure(error, of: operation)
            status = failure.status
            message = redaction(failure.message).inOneLine
            hint = redaction(failure.hint).inOneLine
            isRetriable = failure.isRetriable
            retryAfter = failure.retryAfter
            answer = failure.answer ?? .null
            if failure.httpStatus != 0 { httpStatus = failure.httpStatus }
        }
        // The one place where answers are cleaned. It is passed by when nothing that came from outside looked like a secret: most of the time.
        if operation.sawSecret(redaction) { answer = redaction(answer) }
    }

    func log(_ name: StaticString) {
        guard status != .ok, status != .cancelled else {
            return Log.info("\(name) \(operation) \(status == .ok ? "done" : "cancelled")")
        }
        Log.error("\(name) \(operation) failed: \(message). \(hint)")
    }
}

extension Failure {
    /// What an error that ended an operation means.
    init(_ error: any Error, of operation: Operation) {
        switch error {
        case let failure as Failure: self = failure
        case let failure as TransferFailure: self.init(failure, to: "the service")
        case let problem as SourceFile.Problem: self.init(problem)
        case is CancellationError where operation.earlyEnd == .deadline:
            self.init(
                .deadlineExceeded, "not finished within its deadline\(operation.lastMessage.map { "; the last was: \($0)" } ?? "")",
                hint: "Give it more time (deadline_ms), or look at what it was waiting for.", isRetriable: true)
        case is CancellationError:
            self.init(.cancelled, "cancelled by the host", hint: "", isRetriable: true)
        default:
            self.init(.internal, "a defect of Slipway: \(error)", hint: "Please report it.")
        }
    }
}
