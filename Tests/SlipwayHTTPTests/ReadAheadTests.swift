import Glibc
import Testing

@testable import SlipwayHTTP

@Suite(.timeLimit(.minutes(1))) struct ReadAheadTests {
    /// A file that goes with the test.
    private final class Scratch {
        let path: String

        init(_ bytes: [UInt8]) {
            var name = Array("/tmp/slipway-read-XXXXXX".utf8CString)
            let descriptor = mkstemp(&name)
            path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
            write(bytes, descriptor)
            close(descriptor)
        }

        deinit { unlink(path) }

        func write(_ bytes: [UInt8], _ descriptor: Int32) {
            var offset = 0
            while offset < bytes.count {
                let count = bytes[offset...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
                guard count > 0 else { return }
                offset += count
            }
        }

        func append(_ bytes: [UInt8]) {
            let descriptor = open(path, O_WRONLY | O_APPEND)
            write(bytes, descriptor)
            close(descriptor)
        }
    }

    /// Bytes of which no piece is like the one before.
    private static func pattern(_ count: Int) -> [UInt8] {
        let block = (0..<65_521).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        return Array(repeatElement(block, count: count / block.count + 1).joined().prefix(count))
    }

    /// Everything that there is to take, as a sender takes it: in pieces of `room` bytes.
    private func takeAll(_ source: ReadAhead, _ more: Monitor<Int>, room: Int) -> (bytes: [UInt8], isWhole: Bool) {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: room)
        var seen = 0
        while true {
            switch buffer.withUnsafeMutableBytes({ source.take(into: $0) }) {
            case .bytes(0): return (bytes, true)
            case .bytes(let count): bytes += buffer[..<count]
            case .broken: return (bytes, false)
            case .notYet: seen = more.wait { $0 > seen ? $0 : nil }
            }
        }
    }

    private func read(_ file: SourceFile, room: Int = 100_000) throws -> (bytes: [UInt8], problem: SourceFile.Problem?) {
        let more = Monitor(0)
        let source = try #require(
            ReadAhead(file) {
                more.withLock { $0 += 1 }
                more.notifyAll()
            })
        let (bytes, isWhole) = takeAll(source, more, room: room)
        #expect(isWhole == (source.problem == nil))
        return (bytes, source.problem)
    }

    /// Around the size of a piece, and of all pieces together.
    @Test(arguments: [0, 1, 524_287, 524_288, 524_289, 1_572_864, 3_000_001])
    func theWholeFileComesAsItIs(size: Int) throws {
        let bytes = Self.pattern(size)
        let scratch = Scratch(bytes)
        for room in [1 << 20, 16_383] {
            let (read, problem) = try read(try SourceFile(scratch.path), room: room)
            #expect(problem == nil && read == bytes, "in pieces of \(room)")
        }
    }

    @Test func aFileThatHasGrownIsNotSentWhole() throws {
        let scratch = Scratch(Self.pattern(2_000_000))
        let file = try SourceFile(scratch.path)
        scratch.append([1])
        let (bytes, problem) = try read(file)
        #expect(problem?.text.holds("has changed") == true && bytes.count < 2_000_000)
    }

    @Test func aFileThatWasCutIsNotSentWhole() throws {
        let scratch = Scratch(Self.pattern(2_000_000))
        let file = try SourceFile(scratch.path)
        #expect(truncate(scratch.path, 1_000_000) == 0)
        #expect(try read(file).problem?.text.holds("has changed") == true)
    }

    /// Changed while it is under way: the pieces that were read before go, the last one does not.
    @Test func aFileThatChangesMeanwhileIsNotSentWhole() throws {
        let scratch = Scratch(Self.pattern(4_000_000))
        let file = try SourceFile(scratch.path)
        let more = Monitor(0)
        let source = try #require(
            ReadAhead(file) {
                more.withLock { $0 += 1 }
                more.notifyAll()
            })
        var buffer = [UInt8](repeating: 0, count: 1000)
        var seen = 0
        while buffer.withUnsafeMutableBytes({ source.take(into: $0) }) == .notYet { seen = more.wait { $0 > seen ? $0 : nil } }
        scratch.append([1])
        let (rest, isWhole) = takeAll(source, more, room: 100_000)
        #expect(!isWhole && rest.count + 1000 < 4_000_000)
    }

    @Test func anotherFileOfThatNameIsNotSent() throws {
        let scratch = Scratch(Self.pattern(1000))
        let file = try SourceFile(scratch.path)
        let other = Scratch(Self.pattern(1000))
        #expect(rename(other.path, scratch.path) == 0)
        #expect(try read(file).problem?.text.holds("has changed") == true)
    }

    @Test func aFileThatIsGoneIsAProblem() throws {
        let scratch = Scratch(Self.pattern(1000))
        let file = try SourceFile(scratch.path)
        unlink(scratch.path)
        #expect(try read(file).problem?.text.holds("cannot be opened") == true)
    }

    /// Nobody takes the rest: the thread ends, and gives back what it holds.
    @Test func whatNobodyWantsIsNotRead() throws {
        let scratch = Scratch(Self.pattern(8_000_000))
        let file = try SourceFile(scratch.path)
        weak var gone: ReadAhead?
        try {
            let source = try #require(ReadAhead(file) {})
            gone = source
            source.abandon()
        }()
        let deadline = ContinuousClock.now + .seconds(20)
        while gone != nil, ContinuousClock.now < deadline { usleep(1000) }
        #expect(gone == nil)
    }

    @Test(arguments: [("/tmp", "a folder"), ("/dev/null", "a device"), ("/nowhere/at/all", "cannot be opened")])
    func whatIsNoFileIsRefused(path: String, reason: String) {
        #expect {
            try SourceFile(path)
        } throws: {
            ($0 as? SourceFile.Problem)?.text.holds(reason) == true && ($0 as? SourceFile.Problem)?.text.holds(path) == true
        }
    }

    @Test func aPipeIsRefusedWithoutWaitingForIt() {
        let path = "/tmp/slipway-pipe-\(getpid())"
        mkfifo(path, 0o600)
        defer { unlink(path) }
        #expect {
            try SourceFile(path)
        } throws: {
            ($0 as? SourceFile.Problem)?.text.holds("a pipe") == true
        }
    }
}
