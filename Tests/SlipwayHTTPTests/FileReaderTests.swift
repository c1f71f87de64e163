import Glibc
import Testing

@testable import SlipwayHTTP

@Suite(.timeLimit(.minutes(1))) struct FileReaderTests {
    /// From memory where it can, or by a thread as where it cannot.
    private static let ways = [true, false]

    private func reader(_ file: SourceFile, _ range: Range<UInt64>? = nil, atOnce: Bool? = nil, _ more: Monitor<Int>) -> FileReader {
        FileReader(file, range ?? 0..<file.size, readsAtOnce: atOnce) {
            more.withLock { $0 += 1 }
            more.notifyAll()
        }
    }

    /// Everything that there is to take, as a sender takes it: in pieces of `room` bytes.
    private func takeAll(_ reader: FileReader, _ more: Monitor<Int>, room: Int) -> (bytes: [UInt8], isWhole: Bool) {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: room)
        var seen = 0
        while true {
            switch buffer.withUnsafeMutableBytes({ reader.take(into: $0) }) {
            case .bytes(0): return (bytes, true)
            case .bytes(let count): buffer.withUnsafeBytes { bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            case .broken: return (bytes, false)
            case .notYet: seen = more.wait { $0 > seen ? $0 : nil }
            }
        }
    }

    private func read(
        _ file: SourceFile, _ range: Range<UInt64>? = nil, atOnce: Bool? = nil, room: Int = 100_000
    ) -> (bytes: [UInt8], problem: SourceFile.Problem?) {
        let more = Monitor(0)
        let reader = reader(file, range, atOnce: atOnce, more)
        let (bytes, isWhole) = takeAll(reader, more, room: room)
        #expect(isWhole == (reader.problem == nil))
        return (bytes, reader.problem)
    }

    /// Around the size of a piece, of all pieces together, and of what a thread reads before memory is asked again.
    @Test(arguments: [0, 1, 262_143, 262_144, 262_145, 786_432, 3_000_001, 16_777_216, 16_777_217], ways)
    func theWholeFileComesAsItIs(size: Int, atOnce: Bool) throws {
        let bytes = ScratchFile.pattern(size)
        let scratch = ScratchFile(bytes)
        for room in [1 << 20, 16_383] {
            let (read, problem) = read(try SourceFile(scratch.path), atOnce: atOnce, room: room)
            #expect(problem == nil && ScratchFile.isSame(read, bytes, 0..<size), "in pieces of \(room)")
        }
    }

    @Test(arguments: [0..<1, 0..<0, 65_521..<65_522, 262_144..<1_000_000, 2_999_999..<3_000_000], ways)
    func aRangeComesAsItIs(range: Range<Int>, atOnce: Bool) throws {
        let bytes = ScratchFile.pattern(3_000_000)
        let scratch = ScratchFile(bytes)
        let (read, problem) = read(try SourceFile(scratch.path), UInt64(range.lowerBound)..<UInt64(range.upperBound), atOnce: atOnce)
        #expect(problem == nil && ScratchFile.isSame(read, bytes, range))
    }

    /// /tmp is a disk's, as a rule, and tells what is in memory; /dev/shm cannot.
    @Test(arguments: ["/tmp", "/dev/shm"]) func whatIsNotInMemoryComesAllTheSame(folder: String) throws {
        let bytes = ScratchFile.pattern(20_000_000)
        let scratch = ScratchFile(bytes, in: folder)
        scratch.forget()
        #expect(ScratchFile.isSame(read(try SourceFile(scratch.path)).bytes, bytes, 0..<20_000_000))
        scratch.forget(from: 5_000_000)
        #expect(ScratchFile.isSame(read(try SourceFile(scratch.path)).bytes, bytes, 0..<20_000_000))
    }

    @Test(arguments: ways) func itCanBeginAnewAnywhere(atOnce: Bool) throws {
        let bytes = ScratchFile.pattern(3_000_000)
        let scratch = ScratchFile(bytes)
        let more = Monitor(0)
        let reader = reader(try SourceFile(scratch.path), 1000..<2_900_000, atOnce: atOnce, more)
        var buffer = [UInt8](repeating: 0, count: 1_000_000)
        for position in [0, 1_234_567, 2_899_000, 0] {
            #expect(reader.seek(to: UInt64(position)))
            let (rest, isWhole) = takeAll(reader, more, room: 300_000)
            #expect(isWhole && ScratchFile.isSame(rest, bytes, (1000 + position)..<2_900_000))
            // In the middle of a piece, too.
            #expect(reader.seek(to: 0))
            _ = buffer.withUnsafeMutableBytes { reader.take(into: $0) }
        }
        #expect(!reader.seek(to: 2_899_001))
    }

    @Test(arguments: ways) func aFileThatHasGrownIsNotSentWhole(atOnce: Bool) throws {
        let scratch = ScratchFile(ScratchFile.pattern(2_000_000))
        let file = try SourceFile(scratch.path)
        scratch.append([1])
        let (bytes, problem) = read(file, atOnce: atOnce)
        #expect(problem?.text.holds("has changed") == true && bytes.count < 2_000_000)
    }

    @Test(arguments: ways) func aFileThatWasCutIsNotSentWhole(atOnce: Bool) throws {
        let scratch = ScratchFile(ScratchFile.pattern(2_000_000))
        let file = try SourceFile(scratch.path)
        #expect(truncate(scratch.path, 1_000_000) == 0)
        #expect(read(file, atOnce: atOnce).problem?.text.holds("has changed") == true)
    }

    private enum Change: CaseIterable { case grows, isCut, isReplaced, goes }

    /// Changed while it is under way: the pieces that were read before go, the last one of the range does not.
    @Test(arguments: Change.allCases, ways) private func aFileThatChangesMeanwhileIsNotSentWhole(change: Change, atOnce: Bool) throws {
        for range in [UInt64(0)..<4_000_000, 1000..<3_000_000] {
            let scratch = ScratchFile(ScratchFile.pattern(4_000_000))
            let file = try SourceFile(scratch.path)
            let more = Monitor(0)
            let reader = reader(file, range, atOnce: atOnce, more)
            var buffer = [UInt8](repeating: 0, count: 1000)
            var seen = 0
            while buffer.withUnsafeMutableBytes({ reader.take(into: $0) }) == .notYet { seen = more.wait { $0 > seen ? $0 : nil } }
            switch change {
            case .grows: scratch.append([1])
            case .isCut: #expect(truncate(scratch.path, 3_999_999) == 0)
            case .isReplaced: scratch.replace(by: ScratchFile.pattern(4_000_000))
            case .goes: unlink(scratch.path)
            }
            let (rest, isWhole) = takeAll(reader, more, room: 100_000)
            #expect(!isWhole && rest.count + 1000 < range.count)
            #expect(reader.problem?.text.holds(change == .goes ? "cannot be opened" : "has changed") == true)
            // What is wrong with it stays so.
            #expect(buffer.withUnsafeMutableBytes { reader.take(into: $0) } == .broken)
        }
    }

    @Test(arguments: ways) func anotherFileOfThatNameIsNotSent(atOnce: Bool) throws {
        let scratch = ScratchFile(ScratchFile.pattern(1000))
        let file = try SourceFile(scratch.path)
        scratch.replace(by: ScratchFile.pattern(1000))
        #expect(read(file, atOnce: atOnce).problem?.text.holds("has changed") == true)
    }

    @Test(arguments: ways) func aFileThatIsGoneIsAProblem(atOnce: Bool) throws {
        let scratch = ScratchFile(ScratchFile.pattern(1000))
        let file = try SourceFile(scratch.path)
        unlink(scratch.path)
        #expect(read(file, atOnce: atOnce).problem?.text.holds("cannot be opened") == true)
    }

    /// Nobody takes the rest: the thread ends, and gives back what it holds.
    @Test func whatNobodyWantsIsNotRead() throws {
        let scratch = ScratchFile(ScratchFile.pattern(8_000_000))
        let file = try SourceFile(scratch.path)
        weak var gone: ReadAhead?
        try {
            let source = try #require(ReadAhead(file, 0..<file.size, endsWithCheck: true) {})
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
