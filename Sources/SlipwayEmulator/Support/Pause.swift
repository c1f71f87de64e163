import Glibc

/// Waiting that ends early when there is a reason to: the way in which every thread of the emulator waits, so that a stop or a
/// reset never has to wait for the longest of them.
final class Pause: @unchecked Sendable {
    // Sendable by hand: the pthread objects need a fixed address, so they live behind pointers that are set once and freed once,
    // and the two variables are only touched with `mutex` held.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var isStopped = false
    private var wakes = 0

    init() {
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// True once `stop` was called.
    var stopped: Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return isStopped
    }

    /// Waits for so long. False when it ended early: the emulator stops, or `interrupted` came true (it is asked at the start and
    /// after every `wake`, on the waiting thread and without a lock held).
    @discardableResult
    func wait(milliseconds: Int, unless interrupted: () -> Bool = { false }) -> Bool {
        var deadline = timespec()
        clock_gettime(CLOCK_MONOTONIC, &deadline)
        let (seconds, rest) = max(0, milliseconds).quotientAndRemainder(dividingBy: 1000)
        deadline.tv_sec += seconds
        deadline.tv_nsec += rest * 1_000_000
        if deadline.tv_nsec >= 1_000_000_000 {
            deadline.tv_sec += 1
            deadline.tv_nsec -= 1_000_000_000
        }
        while true {
            let seen = wakeCount
            if interrupted() {
                return false
            }
            switch waitForWake(after: seen, until: deadline) {
            case .woken: continue
            case .stopped: return false
            case .elapsed: return true
            }
        }
    }

    private enum End {
        case woken, stopped, elapsed
    }

    private var wakeCount: Int {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return wakes
    }

    private func waitForWake(after seen: Int, until deadline: timespec) -> End {
        var deadline = deadline
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while !isStopped, wakes == seen {
            if pthread_cond_timedwait(condition, mutex, &deadline) == ETIMEDOUT {
                return isStopped ? .stopped : .elapsed
            }
        }
        return isStopped ? .stopped : .woken
    }

    /// Lets every waiting thread look at its reason to end early again.
    func wake() {
        pthread_mutex_lock(mutex)
        wakes += 1
        pthread_cond_broadcast(condition)
        pthread_mutex_unlock(mutex)
    }

    /// Ends every wait, now and from now on.
    func stop() {
        pthread_mutex_lock(mutex)
        isStopped = true
        pthread_cond_broadcast(condition)
        pthread_mutex_unlock(mutex)
    }
}
