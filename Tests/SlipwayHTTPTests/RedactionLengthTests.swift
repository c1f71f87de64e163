import SlipwayJSON
import Testing

@testable import SlipwayHTTP

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// What a service sends must not decide how long a host waits: twice the text takes twice the time, whatever is in it.
@Suite(.timeLimit(.minutes(1))) struct RedactionLengthTests {
    init() throws { try Libraries.load() }

    @Test(arguments: ["://", ":\\/\\/", "://a@", "http://h/"])
    func aTextOfBeginningsOfURLsIsReadOnce(beginning: String) {
        expectLinear { count in
            let text = String(repeating: beginning, count: count)
            let clean = Redaction(secrets: ["s3cr3t"])(text + "?s3cr3t")
            #expect(!clean.holds("s3cr3t") && clean.hasSuffix("?[redacted]"))
        }
    }

    @Test(arguments: [":/", "http:/", "\":", "\": "])
    func aDocumentOfColonsIsReadOnce(text: String) {
        expectLinear { count in
            let document = JSON.array([.string(String(repeating: text, count: count))]).utf8()
            _ = Redaction().isNeeded(for: document)
            #expect(Redaction().isNeeded(for: document + Array("http://h?x".utf8)))
        }
    }

    /// Eight times as much takes some eight times as long, and 64 times if each piece is compared with all the others. The time of this thread, so
    /// that it does not matter what else the machine does; the better of two, as some of it is had once only.
    private func expectLinear(_ read: (Int) -> Void) {
        func time(_ count: Int) -> Int {
            let start = threadTime()
            read(count)
            return threadTime() - start
        }
        let short = min(time(2_000), time(2_000))
        let long = min(time(16_000), time(16_000))
        #expect(long < short * 24, "\(short) ns, \(long) ns")
    }

    private func threadTime() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}
