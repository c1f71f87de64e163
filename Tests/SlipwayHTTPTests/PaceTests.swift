import Testing

@testable import SlipwayHTTP

@Suite(.timeLimit(.minutes(1))) struct PaceTests {
    /// Eight at a time, and how far each was when the first was through.
    private func send(
        _ size: Int, at bytesPerSecond: UInt64, idleTimeout: Int = 30
    ) async throws -> (time: Duration, atFirstEnd: [UInt64]) {
        let scratch = ScratchFile(ScratchFile.pattern(size * 8))
        let file = try SourceFile(scratch.path)
        let server = TinyServer { connection in
            while let head = connection.head() {
                _ = connection.body(head.value("Content-Length").flatMap { Int($0) } ?? 0)
                connection.answer(200)
            }
        }
        let sent = Monitor((counts: [UInt64](repeating: 0, count: 8), atFirstEnd: [UInt64]()))
        let start = ContinuousClock.now
        try await Sender.with(idleTimeout: idleTimeout) { sender in
            let pace = Pace(bytesPerSecond: bytesPerSecond, on: sender.resident.loop)
            try await withThrowingTaskGroup { group in
                for index in 0..<8 {
                    group.addTask {
                        let answer = try await sender.put(server.url, file, index * size..<(index + 1) * size, pace: pace) { count in
                            sent.withLock {
                                $0.counts[index] = count
                                if count == UInt64(size) && $0.atFirstEnd.isEmpty { $0.atFirstEnd = $0.counts }
                            }
                        }
                        #expect(answer.status == 200)
                    }
                }
                try await group.waitForAll()
            }
        }
        return (ContinuousClock.now - start, sent.withLock { $0.atFirstEnd })
    }

    /// Within 5 % from below for certain; a busy machine may take as much longer than the pace asks for as it likes.
    @Test func eightShareIt() async throws {
        let (time, atFirstEnd) = try await send(1_500_000, at: 4_000_000)
        #expect(time > .milliseconds(2_850), "\(time)")
        // None is far behind the others. The first may have been alone for a while.
        #expect(atFirstEnd.allSatisfy { $0 > 900_000 }, "\(atFirstEnd)")
    }

    /// The few bytes that each may send are no stall.
    @Test func aTinyPaceIsNoStall() async throws {
        let (time, atFirstEnd) = try await send(400, at: 1000, idleTimeout: 1)
        #expect(time > .milliseconds(3_000), "\(time)")
        #expect(atFirstEnd.allSatisfy { $0 > 300 }, "\(atFirstEnd)")
    }

    /// It comes to its end.
    @Test func aPaceThatIsFasterThanTheLinkIsNone() async throws {
        let (_, atFirstEnd) = try await send(4_000_000, at: .max)
        #expect(atFirstEnd.contains(4_000_000))
    }
}
