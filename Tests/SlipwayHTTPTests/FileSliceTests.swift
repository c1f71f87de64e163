import Glibc
import Testing

@testable import SlipwayHTTP

@Suite(.timeLimit(.minutes(1))) struct FileSliceTests {
    private static let bytes = ScratchFile.pattern(6_000_000)

    /// What a server that takes every body has got.
    private final class Store: Sendable {
        let bodies = Monitor<[String: [UInt8]]>([:])
        let heads = Monitor<[[String]]>([])

        func serve(_ connection: TinyServer.Connection) {
            while let head = connection.head() {
                heads.withLock { $0.append(head) }
                let size = head.value("Content-Length").flatMap { Int($0) } ?? 0
                if head.value("Expect") != nil { connection.send("HTTP/1.1 100 Continue\r\n\r\n") }
                let body = connection.body(size)
                bodies.withLock { $0[head.path] = body }
                connection.answer(200, ["ETag: \"a\"", "x-amz-meta-Note: b"])
            }
        }

        func has(_ path: String, _ range: Range<Int>) -> Bool {
            bodies.withLock { ScratchFile.isSame($0[path] ?? [], FileSliceTests.bytes, range) }
        }
    }

    // MARK: What is sent

    @Test func slicesArriveAsTheyAre() async throws {
        let (store, scratch) = (Store(), ScratchFile(Self.bytes))
        let server = TinyServer(store.serve)
        let file = try SourceFile(scratch.path)
        let ranges = [0..<6_000_000, 0..<1, 5_999_999..<6_000_000, 0..<0, 1_000_000..<1_000_000, 65_521..<262_145, 262_144..<5_242_880]
        try await Sender.with { sender in
            for (index, range) in ranges.enumerated() {
                let told = Monitor<[UInt64]>([])
                let answer = try await sender.put("\(server.url)/\(index)", file, range) { sent in told.withLock { $0.append(sent) } }
                #expect(answer.status == 200 && answer.header("etag") == "\"a\"" && answer.header("x-amz-meta-note") == "b")
                #expect(store.has("/\(index)", range))
                let counts = told.withLock { $0 }
                #expect(counts == counts.sorted() && counts.last ?? 0 == UInt64(range.count))
            }
        }
        for (head, range) in zip(store.heads.withLock { $0 }, ranges) {
            #expect(head[0].hasPrefix("PUT /") && head[0].hasSuffix(" HTTP/1.1") && head.value("Content-Length") == "\(range.count)")
            #expect(head.value("Expect") == nil && head.value("Transfer-Encoding") == nil)
        }
    }

    @Test func manyAtOnceAndWhatIsNotInMemory() async throws {
        for folder in ["/tmp", "/dev/shm"] {
            let (store, scratch) = (Store(), ScratchFile(Self.bytes, in: folder))
            let server = TinyServer(store.serve)
            let file = try SourceFile(scratch.path)
            scratch.forget(from: 1_000_000)
            try await Sender.with { sender in
                try await withThrowingTaskGroup { group in
                    for index in 0..<12 {
                        group.addTask {
                            let range = index * 500_000..<(index + 1) * 500_000
                            let answer = try await sender.put("\(server.url)/\(index)", file, range, headers: [])
                            #expect(answer.status == 200)
                        }
                    }
                    try await group.waitForAll()
                }
            }
            for index in 0..<12 { #expect(store.has("/\(index)", index * 500_000..<(index + 1) * 500_000)) }
        }
    }

    /// A handle that has sent a slice sends everything else as before.
    @Test func otherRequestsFollowOnTheSameHandle() async throws {
        let (store, scratch) = (Store(), ScratchFile(Self.bytes))
        let server = TinyServer(store.serve)
        let file = try SourceFile(scratch.path)
        try await Sender.with { sender in
            for _ in 0..<2 {
                _ = try await sender.send(Request(.post, server.url + "/post", body: Array("body".utf8)))
                _ = try await sender.put(server.url + "/slice", file, 0..<100_000)
                _ = try await sender.send(Request(.get, server.url + "/get"))
                _ = try await sender.put(server.url + "/slice", file, 100..<200_000)
                _ = try await sender.send(Request(.put, server.url + "/put", body: [1, 2, 3]))
                _ = try await sender.send(Request(.delete, server.url + "/delete"))
            }
        }
        let lines = store.heads.withLock { $0.map { "\($0[0]) \($0.value("Content-Length") ?? "-")" } }
        let once = [
            "POST /post HTTP/1.1 4", "PUT /slice HTTP/1.1 100000", "GET /get HTTP/1.1 -", "PUT /slice HTTP/1.1 199900",
            "PUT /put HTTP/1.1 3",
            "DELETE /delete HTTP/1.1 -",
        ]
        #expect(lines == once + once)
    }

    @Test func aFormHasTheWholeFile() async throws {
        let (store, scratch) = (Store(), ScratchFile(Self.bytes))
        let server = TinyServer(store.serve)
        let file = try SourceFile(scratch.path)
        scratch.forget(from: 3_000_000)
        try await Sender.with { sender in
            var request = Request(.post, server.url + "/form")
            request.form = Form(fields: [], fileField: "file", fileName: "a.zip", file: file) { _ in }
            let answer = try await sender.send(request)
            #expect(answer.status == 200)
        }
        let body = store.bodies.withLock { $0["/form"] ?? [] }
        let start = try #require(body.indices.first { body[$0...].starts(with: Array("\r\n\r\n".utf8)) }) + 4
        #expect(ScratchFile.isSame(Array(body[start...].prefix(Self.bytes.count)), Self.bytes, 0..<Self.bytes.count))
    }

    @Test func dotsInAPathStayWhenTheyAreNames() async throws {
        let store = Store()
        let server = TinyServer(store.serve)
        try await Sender.with { sender in
            for isPathAsIs in [false, true, false] {
                var request = Request(.get, server.url + "/a/../b/./c")
                request.isPathAsIs = isPathAsIs
                _ = try await sender.send(request)
            }
        }
        #expect(store.heads.withLock { $0.map(\.path) } == ["/b/c", "/a/../b/./c", "/b/c"])
    }

    // MARK: The file

    private enum Change: CaseIterable { case grows, isCut, isReplaced, goes }

    /// It changes when the server has got some of it: the server never gets all.
    @Test(arguments: Change.allCases, [0..<6_000_000, 1000..<5_000_000])
    private func aFileThatChangesMeanwhileIsNotDeliveredWhole(change: Change, range: Range<Int>) async throws {
        let scratch = ScratchFile(Self.bytes)
        let file = try SourceFile(scratch.path)
        let received = Monitor<Int?>(nil)
        let server = TinyServer { connection in
            guard connection.head() != nil else { return }
            _ = connection.body(10_000)
            switch change {
            case .grows: scratch.append([1])
            case .isCut: truncate(scratch.path, 4_900_000)
            case .isReplaced: scratch.replace(by: Self.bytes)
            case .goes: unlink(scratch.path)
            }
            received.withLock { $0 = 10_000 + connection.drain() }
            received.notifyAll()
        }
        try await Sender.with { sender in
            await #expect {
                // Slowly, so that not all of it is under way before the server has seen any.
                let pace = Pace(bytesPerSecond: 20_000_000, on: sender.resident.loop)
                _ = try await sender.put(server.url, file, range, pace: pace)
            } throws: { error in
                let text = (error as? SourceFile.Problem)?.text
                return text?.holds(change == .goes ? "cannot be opened" : "has changed") == true && text?.holds(scratch.path) == true
            }
            #expect(Self.descriptors(of: scratch.path) == 0)
        }
        #expect(try await received.soon { $0 } < range.count)
    }

    @Test func anEmptySliceOfAChangedFileIsNotSent() async throws {
        let store = Store()
        let server = TinyServer(store.serve)
        let scratch = ScratchFile([])
        let file = try SourceFile(scratch.path)
        scratch.append([1])
        try await Sender.with { sender in
            await #expect(throws: SourceFile.Problem.self) { try await sender.put(server.url, file, 0..<0) }
        }
        #expect(store.heads.withLock { $0.isEmpty })
    }

    private static func descriptors(of path: String) -> Int {
        guard let folder = opendir("/proc/self/fd") else { return -1 }
        defer { closedir(folder) }
        var count = 0
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            var target = [UInt8](repeating: 0, count: 4096)
            let length = readlink("/proc/self/fd/\(name)", &target, target.count)
            if length > 0, String(decoding: target[..<length], as: UTF8.self).hasPrefix(path) { count += 1 }
        }
        return count
    }

    // MARK: The end of it

    @Test(arguments: ["/tmp", "/dev/shm"]) func cancelledInTheMiddleItLetsGoOfEverything(folder: String) async throws {
        let scratch = ScratchFile(Self.bytes, in: folder)
        let file = try SourceFile(scratch.path)
        let received = Monitor<Int?>(nil)
        let (began, ended) = (Monitor(false), received)
        let server = TinyServer { connection in
            guard connection.head() != nil else { return }
            _ = connection.body(10_000)
            began.withLock { $0 = true }
            began.notifyAll()
            ended.withLock { $0 = 10_000 + connection.drain() }
            ended.notifyAll()
        }
        try await Sender.with { sender in
            let pace = Pace(bytesPerSecond: 1_000_000, on: sender.resident.loop)
            let task = Task { try await sender.put(server.url, file, 0..<6_000_000, pace: pace) }
            try await began.soon { $0 ? true : nil }
            #expect(Self.descriptors(of: scratch.path) == 1)
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            // A thread that was reading a piece has still to notice.
            try await began.soon { _ in Self.descriptors(of: scratch.path) == 0 ? true : nil }
        }
        #expect(try await received.soon { $0 } < 6_000_000)
    }

    /// The server answers as soon as it has the head, and never reads the body.
    @Test(arguments: [200, 403, 503], [true, false]) func aFinalAnswerInsteadOf100IsSurvived(status: Int, isKept: Bool) async throws {
        let scratch = ScratchFile(Self.bytes)
        let file = try SourceFile(scratch.path)
        let second = Store()
        let server = TinyServer { connection in
            guard connection.number == 0 else { return second.serve(connection) }
            guard let head = connection.head(), head.value("Expect") == "100-continue" else { return }
            connection.answer(status, isKept ? [] : ["Connection: close"], body: "why")
            if isKept { _ = connection.drain() }
        }
        try await Sender.with { sender in
            let headers = ["Expect: 100-continue"]
            if status == 200 {
                // It cannot have stored what it has not got.
                await #expect {
                    try await sender.put(server.url, file, 0..<6_000_000, headers: headers)
                } throws: {
                    ($0 as? TransferFailure)?.kind == .protocol && ($0 as? TransferFailure)?.text.holds("answered 200 before") == true
                }
            } else {
                let answer = try await sender.put(server.url, file, 0..<6_000_000, headers: headers)
                #expect(answer.status == status && answer.body == Array("why".utf8))
            }
            #expect(Self.descriptors(of: scratch.path) == 0)
            // That connection still waits for a body: the next request must not be taken for it.
            let answer = try await sender.put(server.url + "/next", file, 5..<4_000_000, headers: headers)
            #expect(answer.status == 200)
        }
        #expect(second.has("/next", 5..<4_000_000))
    }

    @Test(arguments: [403, 503]) func aRefusalInTheMiddleIsAnAnswer(status: Int) async throws {
        let scratch = ScratchFile(Self.bytes)
        let file = try SourceFile(scratch.path)
        let server = TinyServer { connection in
            guard connection.head() != nil else { return }
            _ = connection.body(100_000)
            connection.answer(status, ["Retry-After: 7"], body: "why")
            _ = connection.drain()
        }
        try await Sender.with { sender in
            let pace = Pace(bytesPerSecond: 4_000_000, on: sender.resident.loop)
            let answer = try await sender.put(server.url, file, 0..<6_000_000, pace: pace)
            #expect(answer.status == status && answer.body == Array("why".utf8) && answer.header("retry-after") == "7")
        }
    }

    /// A connection that was kept open breaks when the whole of a slice is sent: libcurl sends it again, from its beginning, on another.
    @Test func aSliceIsSentAgainWhenItsOldConnectionWasDead() async throws {
        let (store, scratch) = (Store(), ScratchFile(Self.bytes))
        let file = try SourceFile(scratch.path)
        let server = TinyServer { connection in
            guard connection.number == 0 else { return store.serve(connection) }
            guard connection.head() != nil else { return }
            connection.answer(200)
            guard let head = connection.head() else { return }
            _ = connection.body(head.value("Content-Length").flatMap { Int($0) } ?? 0)
        }
        try await Sender.with { sender in
            _ = try await sender.send(Request(.get, server.url))
            let told = Monitor<[UInt64]>([])
            let answer = try await sender.put(server.url + "/again", file, 1000..<3_000_000) { sent in told.withLock { $0.append(sent) } }
            #expect(answer.status == 200)
            // Twice: the count begins anew.
            let counts = told.withLock { $0 }
            #expect(counts.last == 2_999_000 && counts.count { $0 == 2_999_000 } == 2)
        }
        #expect(store.has("/again", 1000..<3_000_000))
    }

    @Test func aServerThatDoesNotExpectGetsItWithoutAsking() async throws {
        let (store, scratch) = (Store(), ScratchFile(Self.bytes))
        let file = try SourceFile(scratch.path)
        let server = TinyServer { connection in
            guard connection.number == 0 else { return store.serve(connection) }
            guard connection.head()?.value("Expect") != nil else { return }
            connection.answer(417)
            _ = connection.drain()
        }
        try await Sender.with { sender in
            let answer = try await sender.put(server.url + "/a", file, 1000..<3_000_000, headers: ["Expect: 100-continue"])
            #expect(answer.status == 200)
        }
        #expect(store.has("/a", 1000..<3_000_000))
    }

    // MARK: Patience

    /// Answers when the client has waited for longer than an idle timeout.
    @Test(arguments: [true, false]) func onlyThePatientWaitForALongTime(isSlice: Bool) async throws {
        let scratch = ScratchFile(Self.bytes)
        let file = try SourceFile(scratch.path)
        let isOver = Monitor(false)
        let server = TinyServer { connection in
            guard let head = connection.head() else { return }
            _ = connection.body(head.value("Content-Length").flatMap { Int($0) } ?? 0)
            _ = isOver.wait(deadline: .now + .milliseconds(head.path == "/patient" ? 3_500 : 20_000)) { $0 ? true : nil }
            connection.answer(200)
        }
        try await Sender.with(idleTimeout: 1) { sender in
            @Sendable func send(_ path: String, isPatient: Bool) async throws -> Response {
                if isSlice { return try await sender.put(server.url + path, file, 0..<100_000, isPatient: isPatient) }
                var request = Request(.post, server.url + path, body: Array("<Complete/>".utf8))
                request.isPatient = isPatient
                return try await sender.send(request)
            }
            let answer = try await send("/patient", isPatient: true)
            #expect(answer.status == 200)
            await #expect {
                try await send("/impatient", isPatient: false)
            } throws: {
                $0 as? TransferFailure == TransferFailure(.network, "no byte came or went for 1 s", wasSent: true)
            }
        }
        isOver.withLock { $0 = true }
        isOver.notifyAll()
    }
}

extension [String] {
    /// Of the request whose head these lines are.
    var path: String { first?.split(separator: " ").dropFirst().first.map(String.init) ?? "" }
}
