import Synchronization

/// The one log hook of the process. Lines are given to it one at a time on a thread that does nothing else.
package enum Log {
    package enum Level: Int32, Sendable, Comparable {
        case off = 0
        case error = 1
        case warning = 2
        case info = 3
        case debug = 4

        package static func < (a: Level, b: Level) -> Bool { a.rawValue < b.rawValue }
    }

    package typealias Hook = @Sendable (Level, String) -> Void

    /// Lines that wait for a slow hook. Beyond it they are counted and dropped: memory must not grow with a host's slowness.
    package static let capacity = 4096

    private struct State {
        var hook: Hook?
        var lines = Queue<(Level, String)>()
        var dropped = 0
        var isDelivering = false
        var hasThread = false
    }

    private static let state = Monitor(State())
    // What `isEnabled` reads: a log line that nobody wants costs one relaxed load.
    private static let level = Atomic<Int32>(Level.off.rawValue)

    package static func isEnabled(_ wanted: Level) -> Bool { wanted.rawValue <= level.load(ordering: .relaxed) }

    package static func error(_ line: @autoclosure () -> String) { write(.error, line) }
    package static func warning(_ line: @autoclosure () -> String) { write(.warning, line) }
    package static func info(_ line: @autoclosure () -> String) { write(.info, line) }
    package static func debug(_ line: @autoclosure () -> String) { write(.debug, line) }

    /// Sets the hook. Blocks until the lines that are already there have gone to the previous one. False: no thread to be had.
    package static func setHook(_ hook: Hook?, level wanted: Level) -> Bool {
        level.store(Level.off.rawValue, ordering: .relaxed)
        let isSet = state.wait { state -> Bool? in
            guard state.lines.isEmpty && !state.isDelivering else { return nil }
            if hook != nil && !state.hasThread { state.hasThread = Thread.start(named: "slipway-log", callsHost: true) { deliver() } }
            guard hook == nil || state.hasThread else { return false }
            state.hook = hook
            // Within the lock: of two hooks that are set at the same time, the one that stays brings its own level.
            level.store(hook == nil ? Level.off.rawValue : wanted.rawValue, ordering: .relaxed)
            return true
        }
        state.notifyAll()
        return isSet
    }

    private static func write(_ level: Level, _ line: () -> String) {
        guard isEnabled(level) else { return }
        let text = line().inOneLine
        state.withLock { state in
            // The hook may have been replaced by a less curious one in the meantime.
            guard isEnabled(level) else { return }
            if state.lines.count < capacity { state.lines.append((level, text)) } else { state.dropped += 1 }
        }
        state.notifyAll()
    }

    /// The thread's life: as long as there is a hook. A process whose last thread of its own has ended must not live on for a log that nobody reads.
    private static func deliver() {
        while let (line, hook) = nextLine() {
            hook?(line.0, line.1)
            state.withLock { $0.isDelivering = false }
            state.notifyAll()
        }
    }

    /// Waits for a line. Nil: the hook was taken away.
    private static func nextLine() -> ((Level, String), Hook?)? {
        state.wait { state -> ((Level, String), Hook?)?? in
            guard let line = state.lines.popFirst() else {
                guard state.hook == nil else { return nil }
                state.hasThread = false
                return .some(nil)
            }
            if state.lines.isEmpty && state.dropped > 0 {
                state.lines.append((.warning, "\(state.dropped) log lines were dropped: the log hook is too slow"))
                state.dropped = 0
            }
            state.isDelivering = true
            return (line, state.hook)
        }
    }
}
