#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A pointer that is the host's business: it is kept and given back, never followed.
struct HostPointer: @unchecked Sendable {
    // Unchecked: it is a number to us.
    let pointer: UnsafeMutableRawPointer?
}

/// Which thread is inside a callback of the host, and of which client: there, what blocks is refused.
enum HostCallback {
    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        pthread_key_create(&key, nil)
        return key
    }()

    /// Not a client: the log hook.
    static let log: UInt = 1

    /// The client (its handle) whose callback this thread is in, or nil.
    static var current: UInt? { pthread_getspecific(key).map { UInt(bitPattern: $0) } }

    static func call<Result>(of client: UInt, _ body: () -> Result) -> Result {
        let outer = pthread_getspecific(key)
        pthread_setspecific(key, UnsafeRawPointer(bitPattern: client))
        defer { pthread_setspecific(key, outer) }
        return body()
    }
}
