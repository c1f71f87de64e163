#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// What time it is for the server: S3 refuses signatures that are a quarter of an hour away from its own clock.
struct SigningClock: Sendable, Equatable {
    /// How much the server's clock is ahead of this machine's.
    private(set) var skew: Int64 = 0

    /// A refusal for the time is believed when the clocks are this far apart. Below it the reason must be another one: the `Date` of an answer
    /// may be as old as the answer's way here.
    static let tolerance: Int64 = 60

    /// The server's time, in seconds since 1970.
    var now: Int64 { now(machine: Self.machine) }

    /// The same for a given time of the machine.
    func now(machine: Int64) -> Int64 { machine.addingReportingOverflow(skew).partialValue }

    /// Takes over what a server that refused a signature for its time says is the time. True if that changes something: then, and only then,
    /// it is worth signing again.
    mutating func learn(serverTime: Int64, machine: Int64 = Self.machine) -> Bool {
        let (ahead, hasOverflowed) = serverTime.subtractingReportingOverflow(machine)
        let (change, isTooFar) = ahead.subtractingReportingOverflow(skew)
        guard !hasOverflowed, !isTooFar, serverTime > 0, change.magnitude >= Self.tolerance.magnitude else { return false }
        skew = ahead
        return true
    }

    /// What this machine takes for the time.
    static var machine: Int64 { Int64(time(nil)) }
}
