/// What became of an operation. The numbers are the contract's: see slipway.h, which says what each one means.
package enum Status: Int32, Sendable {
    case ok = 0
    case invalidArgument = -1
    case unsupportedOption = -2
    case wouldDeadlock = -3
    case closed = -4
    case cancelled = -5
    case deadlineExceeded = -6
    case forked = -7
    case unauthorized = -10
    case forbidden = -11
    case notFound = -12
    case notReady = -13
    case rateLimited = -14
    case rejected = -15
    case server = -16
    case network = -20
    case tls = -21
    case `protocol` = -22
    case insecure = -23
    case file = -30
    case missingLibrary = -40
    case `internal` = -41
}

extension Status {
    /// The contract's constant without its prefix.
    package var name: StaticString {
        switch self {
        case .ok: "OK"
        case .invalidArgument: "INVALID_ARGUMENT"
        case .unsupportedOption: "UNSUPPORTED_OPTION"
        case .wouldDeadlock: "WOULD_DEADLOCK"
        case .closed: "CLOSED"
        case .cancelled: "CANCELLED"
        case .deadlineExceeded: "DEADLINE_EXCEEDED"
        case .forked: "FORKED"
        case .unauthorized: "UNAUTHORIZED"
        case .forbidden: "FORBIDDEN"
        case .notFound: "NOT_FOUND"
        case .notReady: "NOT_READY"
        case .rateLimited: "RATE_LIMITED"
        case .rejected: "REJECTED"
        case .server: "SERVER"
        case .network: "NETWORK"
        case .tls: "TLS"
        case .protocol: "PROTOCOL"
        case .insecure: "INSECURE"
        case .file: "FILE"
        case .missingLibrary: "MISSING_LIBRARY"
        case .internal: "INTERNAL"
        }
    }
}
