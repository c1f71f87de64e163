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
            case .answer(let json): answer = Self.clean(json, of: operation, redaction)
            case .later(let make): answer = Self.clean(try make(), of: operation, redaction)
            }
            // One that lacks something would look as if the service had left it out.
            if answer.isLost {
                let hint = "\(Shortage.memory.hint) Look at what is there before you repeat it."
                throw Failure(.internal, "it was done, but there was no memory for its answer: \(Shortage.memory.text)", hint: hint)
            }
        } catch {
            let failure = Failure(error, of: operation)
            status = failure.status
            message = redaction(failure.message).inOneLine
            hint = redaction(failure.hint).inOneLine
            isRetriable = failure.isRetriable
            retryAfter = failure.retryAfter
            answer = Self.clean(failure.answer ?? .null, of: operation, redaction)
            if answer.isLost { answer = .null }
            if failure.httpStatus != 0 { httpStatus = failure.httpStatus }
        }
    }

    /// The one place where answers are cleaned. It is passed by when nothing that came from outside looked like a secret: most of the time.
    private static func clean(_ answer: JSON, of operation: Operation, _ redaction: Redaction) -> JSON {
        operation.sawSecret(redaction) ? redaction(answer) : answer
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
        case let shortage as Shortage: self.init(shortage, "\(operation.name)")
        case is JSON.OutOfMemory: self.init(.memory, "writing a document")
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
