import Synchronization
import Testing

@testable import SlipwayHTTP

/// The log is the process's: one test at a time, and each looks at its own lines only.
@Suite(.serialized, .timeLimit(.minutes(1))) struct LogTests {
    /// What a hook got.
    private final class Record: Sendable {
        let lines = Monitor<[(level: Log.Level, text: String)]>([])
        var texts: [String] { lines.withLock { $0.map(\.text) } }

        func hook(_ level: Log.Level, _ text: String) { lines.withLock { $0.append((level, text)) } }
    }

    private func set(_ level: Log.Level, _ hook: @escaping Log.Hook) {
        let isSet = Log.setHook(hook, level: level)
        #expect(isSet)
    }

    @Test func aLineThatNobodyWantsIsNotMade() {
        let record = Record()
        var made = 0
        func line(_ text: String) -> String {
            made += 1
            return text
        }
        #expect(Log.setHook(nil, level: .off))
        Log.error(line("none"))
        #expect(made == 0 && !Log.isEnabled(.error))

        set(.warning) { record.hook($0, $1) }
        #expect(Log.isEnabled(.error) && Log.isEnabled(.warning) && !Log.isEnabled(.info) && !Log.isEnabled(.debug))
        Log.debug(line("debug"))
        Log.info(line("info"))
        #expect(made == 0)
        Log.warning(line("warning"))
        Log.error(line("error"))
        #expect(made == 2)
        #expect(Log.setHook(nil, level: .debug))
        #expect(!Log.isEnabled(.error))
        #expect(record.lines.withLock { $0.map(\.level) } == [.warning, .error])
        #expect(record.texts == ["warning", "error"])
    }

    @Test func linesComeOneAtATimeAndInOrder() {
        let record = Record()
        let inside = Atomic<Int>(0)
        let crowds = Atomic<Int>(0)
        set(.info) { level, text in
            if inside.add(1, ordering: .relaxed).newValue != 1 { crowds.add(1, ordering: .relaxed) }
            record.hook(level, text)
            inside.subtract(1, ordering: .relaxed)
        }
        let done = Monitor(0)
        for thread in 0..<4 {
            #expect(
                Thread.start(named: "lines") {
                    for line in 0..<200 { Log.info("\(thread):\(line)") }
                    done.withLock { $0 += 1 }
                    done.notifyAll()
                })
        }
        done.wait { $0 == 4 ? () : nil }
        #expect(Log.setHook(nil, level: .off))
        #expect(crowds.load(ordering: .relaxed) == 0)
        #expect(record.texts.count == 800)
        for thread in 0..<4 {
            #expect(record.texts.filter { $0.hasPrefix("\(thread):") } == (0..<200).map { "\(thread):\($0)" })
        }
    }

    @Test func linesBeyondTheCapacityAreCountedAndDropped() {
        let record = Record()
        let gate = Monitor((hasEntered: false, isOpen: false))
        set(.info) { level, text in
            gate.withLock { $0.hasEntered = true }
            gate.notifyAll()
            gate.wait { $0.isOpen ? () : nil }
            record.hook(level, text)
        }
        Log.info("first")
        gate.wait { $0.hasEntered ? () : nil }
        for line in 0..<Log.capacity + 10 { Log.info("\(line)") }
        gate.withLock { $0.isOpen = true }
        gate.notifyAll()
        #expect(Log.setHook(nil, level: .off))

        let texts = record.texts
        #expect(texts.count == 1 + Log.capacity + 1)
        #expect(texts.first == "first")
        #expect(Array(texts.dropFirst().dropLast()) == (0..<Log.capacity).map(String.init))
        #expect(texts.last?.hasPrefix("10 log lines were dropped") == true)
        #expect(record.lines.withLock { $0.last?.level } == .warning)
    }

    @Test func settingAHookWaitsForThePreviousOnesLines() {
        let events = Record()
        let gate = Monitor((hasEntered: false, isOpen: false))
        set(.info) { level, text in
            gate.withLock { $0.hasEntered = true }
            gate.notifyAll()
            gate.wait { $0.isOpen ? () : nil }
            events.hook(level, text)
        }
        Log.info("old 1")
        gate.wait { $0.hasEntered ? () : nil }
        Log.info("old 2")
        let done = Monitor(false)
        #expect(
            Thread.start(named: "setter") {
                let isSet = Log.setHook({ events.hook($0, $1) }, level: .info)
                events.hook(.info, isSet ? "set" : "not set")
                Log.info("new")
                done.withLock { $0 = true }
                done.notifyAll()
            })
        // It has begun when nothing is enabled any more; only then is the hook let go.
        while Log.isEnabled(.error) { _ = Thread.start(named: "pause") {} }
        gate.withLock { $0.isOpen = true }
        gate.notifyAll()
        done.wait { $0 ? () : nil }
        #expect(Log.setHook(nil, level: .off))
        #expect(events.texts == ["old 1", "old 2", "set", "new"])
    }

    @Test func aHookIsNotCalledAfterItWasReplaced() {
        for _ in 0..<200 {
            let isReplaced = Atomic<Bool>(false)
            let late = Atomic<Int>(0)
            set(.info) { _, _ in if isReplaced.load(ordering: .acquiring) { late.add(1, ordering: .relaxed) } }
            let done = Monitor(false)
            #expect(
                Thread.start(named: "writer") {
                    for line in 0..<50 { Log.info("\(line)") }
                    done.withLock { $0 = true }
                    done.notifyAll()
                })
            #expect(Log.setHook(nil, level: .off))
            isReplaced.store(true, ordering: .releasing)
            done.wait { $0 ? () : nil }
            set(.info) { _, _ in }
            #expect(late.load(ordering: .relaxed) == 0)
        }
        #expect(Log.setHook(nil, level: .off))
    }

    /// Two threads set two hooks: whichever came last, its level is the one that counts.
    @Test func theLevelIsThatOfTheLastHook() {
        for round in 0..<500 {
            let last = Monitor<Log.Level>(.off)
            let done = Monitor(0)
            for level in [Log.Level.error, .debug] {
                #expect(
                    Thread.start(named: "setter") {
                        _ = Log.setHook({ _, _ in last.withLock { $0 = level } }, level: level)
                        done.withLock { $0 += 1 }
                        done.notifyAll()
                    })
            }
            done.wait { $0 == 2 ? () : nil }
            let isDebug = Log.isEnabled(.debug)
            Log.error("whose?")
            #expect(Log.setHook(nil, level: .off))
            #expect(last.withLock { $0 } == (isDebug ? .debug : .error), "round \(round)")
        }
    }

    @Test func aLineIsOneLine() {
        let record = Record()
        set(.info) { record.hook($0, $1) }
        Log.info("a\nERROR forged\r\n\u{1B}[31m\u{0}\u{7F}é\t.")
        #expect(Log.setHook(nil, level: .off))
        #expect(record.texts == ["a ERROR forged   [31m  é ."])
    }
}
