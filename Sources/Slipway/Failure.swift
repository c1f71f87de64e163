package import SlipwayHTTP
package import SlipwayJSON

/// Why an operation did not do what it was asked: for the person who reads it.
package struct Failure: Error, Sendable {
    package var status: Status
    /// What happened, with which file, field, service and HTTP status.
    package var message: String
    /// What to do about it, or empty.
    package var hint: String
    package var httpStatus: Int
    package var isRetriable: Bool
    package var retryAfter: Duration?
    /// What is known all the same, in the operation's normal form.
    package var answer: JSON?

    package init(
        _ status: Status, _ message: String, hint: String = "", httpStatus: Int = 0, isRetriable: Bool = false, retryAfter: Duration? = nil,
        answer: JSON? = nil
    ) {
        self.status = status
        self.message = message
        self.hint = hint
        self.httpStatus = httpStatus
        self.isRetriable = isRetriable
        self.retryAfter = retryAfter
        self.answer = answer
    }

    package init(_ problem: SourceFile.Problem) {
        if let shortage = problem.shortage {
            self.init(shortage, text: problem.text)
            return
        }
        self.init(
            .file, problem.text, hint: "Check the path and the permissions, leave the file alone while it is sent, then try again.")
    }

    /// `what` was being done, or was asked, when the system was out of something.
    package init(_ shortage: Shortage, _ what: String, httpStatus: Int = 0) {
        self.init(shortage, text: "\(what): \(shortage.text)", httpStatus: httpStatus)
    }

    /// The same for who has words of its own.
    package init(_ shortage: Shortage, text: String, httpStatus: Int = 0) {
        self.init(.internal, text, hint: shortage.hint, httpStatus: httpStatus, isRetriable: true)
    }

    /// A transfer that failed on its way to `service`.
    package init(_ failure: TransferFailure, to service: String) {
        switch failure.kind {
        case .network:
            self.init(
                .network, "\(service): \(failure.text)",
                hint: "Check the connection, the proxy settings and the host name, then try again.",
                isRetriable: true)
        case .tls:
            self.init(
                .tls, "\(service): \(failure.text)",
                hint: "If a proxy or a private certificate authority is in between, give its certificate as ca_bundle.")
        case .ciphers:
            self.init(
                .tls, "\(service): \(failure.text)",
                hint: "OpenSSL lacks this in this process: look into its configuration (openssl.cnf). "
                    + "If the process was out of memory before, start a new one.")
        case .protocol:
            self.init(
                .protocol, "\(service): \(failure.text)",
                hint: "Check the base URL. A proxy or a login page may have answered instead of the service.", isRetriable: false)
        case .setup:
            self.init(.invalidArgument, "\(service): \(failure.text)", hint: "Check proxy, ca_bundle and the URL.")
        case .shortage(let shortage): self.init(shortage, service)
        }
        httpStatus = failure.httpStatus
    }
}
