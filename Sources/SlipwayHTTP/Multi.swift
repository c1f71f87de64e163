internal import CCurl
internal import CSystem

/// libcurl's set of running transfers. Belongs to the event loop's thread, but for `wakeUp`.
final class Multi {
    private let multi: OpaquePointer
    private var running = 0

    init() throws(EventLoopError) {
        guard let multi = ccurl_multi_init() else {
            throw EventLoopError("libcurl has no memory or no descriptor for another event loop", [.memory, .descriptors])
        }
        self.multi = multi
    }

    /// How many connections at the most stay open. Those that are in use count: with fewer than may be in use, each that becomes free would be closed.
    func keep(connections: Int) { _ = ccurl_multi_setopt_long(multi, CURLMOPT_MAXCONNECTS, connections) }

    func add(_ transfer: Transfer) -> Bool {
        guard ccurl_multi_add_handle(multi, transfer.easy) == CURLM_OK else { return false }
        transfer.isRunning = true
        running += 1
        return true
    }

    func remove(_ transfer: Transfer) {
        guard transfer.isRunning else { return }
        transfer.isRunning = false
        running -= 1
        _ = ccurl_multi_remove_handle(multi, transfer.easy)
    }

    /// Moves what can be moved and ends the transfers that have come to their end.
    func perform() {
        guard running > 0 else { return }
        var left: Int32 = 0
        _ = ccurl_multi_perform(multi, &left)
        var easy: OpaquePointer?
        var code = CURLE_OK
        while ccurl_multi_next_done(multi, &easy, &code, nil) {
            guard let transfer = easy.flatMap(Transfer.of) else { continue }
            remove(transfer)
            transfer.finish(code)
        }
    }

    /// Blocks until a transfer can be moved, `wakeUp` is called or `instant` has come.
    func poll(until instant: ContinuousClock.Instant?) {
        var milliseconds: Int32 = 60_000
        if let instant {
            let (seconds, attoseconds) = max(.zero, instant - .now).components
            if seconds < 60 { milliseconds = Int32(seconds) * 1000 + Int32((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000) }
        }
        // Without memory for its list of descriptors it returns at once: the loop shall not turn as fast as it can until there is some.
        if ccurl_multi_poll(multi, nil, 0, milliseconds, nil) != CURLM_OK { csystem_pause(min(10, milliseconds)) }
    }

    /// The one call that any thread may make.
    func wakeUp() { _ = ccurl_multi_wakeup(multi) }

    /// Closes all connections. Nothing is running: who runs a transfer waits for its end.
    deinit { _ = ccurl_multi_cleanup(multi) }
}
