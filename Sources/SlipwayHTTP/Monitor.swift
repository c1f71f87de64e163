#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A value behind a lock that a thread can also wait on. The one lock of this library: ThreadSanitizer does not see the standard library's `Mutex` on
/// Linux and would report everything that it guards.
///
/// The mutex, the condition and the value live on the heap: their addresses must not change.
package final class Monitor<Value>: @unchecked Sendable {
    // Unchecked: the value is reached through `withLock` and `wait` only, with the mutex held.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var value: Value

    package init(_ value: sending Value) {
        self.value = value
        mutex.initialize(to: pthread_mutex_t())
        condition.initialize(to: pthread_cond_t())
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        #if !canImport(Darwin)
            pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        #endif
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    package func withLock<Result, Failure: Error>(_ body: (inout Value) throws(Failure) -> Result) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&value)
    }

    /// Blocks until `body` gives an answer. It is called with the lock held, at once and after every `notifyAll`.
    package func wait<Result>(until body: (inout Value) -> Result?) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if let result = body(&value) { return result }
            pthread_cond_wait(condition, mutex)
        }
    }

    /// Blocks until `body` gives an answer or `deadline` has passed; nil then. No deadline: as long as it takes.
    package func wait<Result>(deadline: ContinuousClock.Instant?, until body: (inout Value) -> Result?) -> Result? {
        guard let deadline else { return wait(until: body) }
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if let result = body(&value) { return result }
            let left = deadline - .now
            guard left > .zero else { return nil }
            timedWait(left)
        }
    }

    /// Wakes every thread that waits.
    package func notifyAll() {
        pthread_cond_broadcast(condition)
    }

    private func timedWait(_ duration: Duration) {
        // An hour at a time: the caller looks at its deadline again, and no addition below can overflow.
        let (seconds, attoseconds) = min(duration, .seconds(3600)).components
        #if canImport(Darwin)
            var relative = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
            pthread_cond_timedwait_relative_np(condition, mutex, &relative)
        #else
            var moment = timespec()
            clock_gettime(CLOCK_MONOTONIC, &moment)
            moment.tv_sec += Int(seconds)
            moment.tv_nsec += Int(attoseconds / 1_000_000_000)
            if moment.tv_nsec >= 1_000_000_000 {
                moment.tv_sec += 1
                moment.tv_nsec -= 1_000_000_000
            }
            pthread_cond_timedwait(condition, mutex, &moment)
        #endif
    }
}
