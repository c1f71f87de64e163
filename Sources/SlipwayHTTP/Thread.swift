internal import CSystem

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A thread of the library's own: detached, with every signal blocked, so that the host's handlers run on the host's threads, and with nothing of the
/// thread that starts it.
package enum Thread {
    /// Starts a thread that runs `body` and ends with it. False when the system has no thread to give.
    ///
    /// `name` shows in debuggers and in `top -H`; 15 bytes at the most. `callsHost`: what it runs is the host's, in the host's language.
    package static func start(named name: StaticString, callsHost: Bool = false, _ body: sending @escaping () -> Void) -> Bool {
        let start = Unmanaged.passRetained(Start(body: body, name: name, callsHost: callsHost))
        var attributes = pthread_attr_t()
        guard pthread_attr_init(&attributes) == 0 else {
            start.release()
            return false
        }
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        // A host may have set a tiny default (64 KB are seen), and JSON may be 2,048 levels deep. Only what is used costs memory.
        pthread_attr_setstacksize(&attributes, 8 << 20)

        var everySignal = sigset_t()
        var before = sigset_t()
        sigfillset(&everySignal)
        pthread_sigmask(SIG_SETMASK, &everySignal, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }

        #if canImport(Darwin)
            var thread: pthread_t?
            let error = pthread_create(&thread, &attributes, { Thread.run($0) }, start.toOpaque())
        #else
            var thread = pthread_t()
            let error = pthread_create(&thread, &attributes, { argument in argument.flatMap { Thread.run($0) } }, start.toOpaque())
        #endif
        if error != 0 { start.release() }
        return error == 0
    }

    private static func run(_ argument: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
        let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
        start.name.withUTF8Buffer { name in csystem_set_thread_name(UnsafeRawPointer(name.baseAddress)?.assumingMemoryBound(to: CChar.self))
        }
        // A host may have trapped divisions by zero where it created the client.
        csystem_use_default_arithmetic()
        // Numbers have no decimal comma, and what libcurl quotes of the system is English as the rest of the sentence is.
        if !start.callsHost { csystem_use_plain_locale() }
        start.body()
        return nil
    }

    private final class Start {
        let body: () -> Void
        let name: StaticString
        let callsHost: Bool

        init(body: @escaping () -> Void, name: StaticString, callsHost: Bool) {
            self.body = body
            self.name = name
            self.callsHost = callsHost
        }
    }
}
