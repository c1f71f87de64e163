/// Where a release is, in the order in which it goes there.
package enum ReleaseStage: Int32, Sendable {
    case checking = 1
    case hosting = 2
    case registering = 3
    case waiting = 4
    case distributing = 5
    case goingLive = 6
    case removing = 7

    /// As the answer has it.
    var word: String {
        switch self {
        case .checking: "check"
        case .hosting: "host"
        case .registering: "register"
        case .waiting: "wait"
        case .distributing: "distribute"
        case .goingLive: "live"
        case .removing: "remove"
        }
    }
}
