import SlipwayHTTP
import Testing

@testable import Slipway

@Suite(.timeLimit(.minutes(1))) struct SessionTests {
    private typealias Session = EnterMedia.Session

    /// Operations of the loop that all want a key at the same time. Gives what became of each, and how often `login` was called.
    private func ask(_ count: Int, _ login: @escaping @Sendable (Int) async throws -> Session.Key) async throws -> (
        results: [Result<String, any Error>], logins: Int
    ) {
        let logins = Monitor(0)
        let results = Monitor<[Result<String, any Error>]>([])
        try await Resident.with { resident in
            try await resident.run { resident in
                let loop = resident.loop
                let session = Session(nil)
                let done = Suspension<Void>(on: loop)
                let shared = Shared(session)
                for _ in 0..<count {
                    Task(executorPreference: loop) {
                        await resident.run { _ in
                            do {
                                let key = try await shared.session.key(on: loop) {
                                    let number = logins.withLock { count -> Int in
                                        count += 1
                                        return count
                                    }
                                    return try await login(number)
                                }
                                results.withLock { $0.append(.success(key.text)) }
                            } catch {
                                results.withLock { $0.append(.failure(error)) }
                            }
                            if results.withLock({ $0.count }) == count { done.resume(returning: ()) }
                        }
                    }
                }
                try await done.wait()
            }
        }
        return (results.withLock { $0 }, logins.withLock { $0 })
    }

    /// For the loop's thread only, which is where all of the above happens.
    private final class Shared: @unchecked Sendable {
        let session: Session

        init(_ session: Session) { self.session = session }
    }

    @Test func manyOperationsMakeOneLogin() async throws {
        let (results, logins) = try await ask(50) { _ in
            await Task.yield()
            return Session.Key("key-1")
        }
        #expect(logins == 1 && results.count == 50)
        #expect(try results.allSatisfy { try $0.get() == "key-1" })
    }

    /// A wrong password is tried once, not by each of them.
    @Test func aRefusalIsEverybodys() async throws {
        let (results, logins) = try await ask(50) { _ in
            await Task.yield()
            throw Failure(.unauthorized, "no")
        }
        #expect(logins == 1 && results.count == 50)
        #expect(results.allSatisfy { if case .failure(let failure as Failure) = $0 { failure.status == .unauthorized } else { false } })
    }

    /// The one that was logging in was cancelled: another one does it.
    @Test func aCancelledLoginIsTakenOver() async throws {
        let (results, logins) = try await ask(10) { number in
            await Task.yield()
            guard number > 1 else { throw CancellationError() }
            return Session.Key("key-2")
        }
        #expect(logins == 2 && results.count == 10)
        #expect(results.filter { if case .failure = $0 { true } else { false } }.count == 1)
    }

    @Test func onlyTheRefusedKeyIsForgotten() {
        let session = Session("new-key")
        session.refuse(Session.Key("old-key"))
        #expect(session.key?.text == "new-key")
        session.refuse(Session.Key("new-key"))
        #expect(session.key == nil)
    }
}
