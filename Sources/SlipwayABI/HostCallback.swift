internal import CSystem

/// A pointer that is the host's business: it is kept and given back, never followed.
struct HostPointer: @unchecked Sendable {
    // Unchecked: it is a number to us.
    let pointer: UnsafeMutableRawPointer?
}

/// Which thread is inside a callback of the host, and of which client: there, what blocks is refused.
enum HostCallback {
    /// Not a client: the log hook.
    static let log: UInt = 1

    /// The client (its handle) whose callback this thread is in, or nil.
    static var current: UInt? {
        let client = csystem_thread_value(CSYSTEM_THREAD_CALLBACK)
        return client == 0 ? nil : client
    }

    static func call<Result>(of client: UInt, _ body: () -> Result) -> Result {
        let outer = csystem_thread_value(CSYSTEM_THREAD_CALLBACK)
        csystem_set_thread_value(CSYSTEM_THREAD_CALLBACK, client)
        defer { csystem_set_thread_value(CSYSTEM_THREAD_CALLBACK, outer) }
        return body()
    }
}
