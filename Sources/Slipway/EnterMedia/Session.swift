internal import SlipwayHTTP

extension EnterMedia {
    /// The key that the server knows us by, and who waits for one.
    ///
    /// Belongs to the client's loop.
    final class Session {
        /// A key, with the headers that bring it: the cookie for servers up to now, the header for newer ones, too.
        struct Key {
            let text: String
            let readHeaders: [String]
            let sentHeaders: [String]

            init(_ text: String) {
                self.text = text
                readHeaders = ["Cookie: entermedia.key=\(text)", "X-entermedia.key: \(text)", "Accept: application/json"]
                sentHeaders = readHeaders + ["Content-Type: application/json", "Expect:"]
            }
        }

        private(set) var key: Key?
        /// The text of the key that was refused last; and of one that a login gave again all the same: the user is known, but may not do what was
        /// asked for, and no login changes that.
        private var refused: String?
        private var confirmed: String?
        /// Operations that wait for the login that another one makes. Nil: none is under way.
        private var waiting: [Suspension<Key?>]?

        init(_ key: String?) { self.key = key.map { Key($0) } }

        /// What can stand in a cookie and in a header, and nothing that would end either.
        static func isKey(_ text: String) -> Bool {
            !text.isEmpty && text.utf8.count <= 4096 && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"\",;\\".utf8.contains($0) }
        }

        /// The server does not accept this key. Others may have found that out, and got a new one, before. False: a login gives this very key.
        @discardableResult
        func refuse(_ refused: Key) -> Bool {
            guard refused.text != confirmed else { return false }
            self.refused = refused.text
            if key?.text == refused.text { key = nil }
            return true
        }

        /// The key, or the one that `login` gives: it is called once, whoever else asks meanwhile waits for what it gives.
        func key(on loop: EventLoop, _ login: () async throws -> Key) async throws -> Key {
            while true {
                if let key { return key }
                guard waiting == nil else {
                    if let key = try await wait(on: loop) { return key }
                    continue
                }
                return try await logIn(login)
            }
        }

        private func wait(on loop: EventLoop) async throws -> Key? {
            let turn = Suspension<Key?>(on: loop)
            waiting?.append(turn)
            return try await turn.wait()
        }

        /// Makes a login of its own, whether there is a key or not.
        func logIn(_ login: () async throws -> Key) async throws -> Key {
            if waiting == nil { waiting = [] }
            do {
                let key = try await login()
                self.key = key
                confirmed = key.text == refused ? refused : nil
                for turn in endLogin() { turn.resume(returning: key) }
                return key
            } catch let failure as Failure {
                // It would fail for them as well: a wrong password must not be tried a thousand times.
                for turn in endLogin() { turn.resume(throwing: failure) }
                throw failure
            } catch {
                // This operation was cancelled: one of the others takes over.
                for turn in endLogin() { turn.resume(returning: nil) }
                throw error
            }
        }

        private func endLogin() -> [Suspension<Key?>] {
            defer { waiting = nil }
            return waiting ?? []
        }
    }
}
