import Glibc

/// Starts a thread of its own for `body` and does not wait for it. Returns false when the system has no thread to give.
///
/// The emulator's work is blocking by nature (a download, a webhook, a delay), so it runs on plain threads, not on Swift's
/// cooperative pool, which must not be blocked.
@discardableResult
func startThread(_ body: @escaping @Sendable () -> Void) -> Bool {
    final class Body: Sendable {
        let run: @Sendable () -> Void
        init(run: @escaping @Sendable () -> Void) { self.run = run }
    }
    let context = Unmanaged.passRetained(Body(run: body)).toOpaque()
    var thread = pthread_t()
    let error = pthread_create(
        &thread, nil,
        { argument in
            if let argument {
                Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
            }
            return nil
        }, context)
    guard error == 0 else {
        Unmanaged<Body>.fromOpaque(context).release()
        return false
    }
    pthread_detach(thread)
    return true
}
