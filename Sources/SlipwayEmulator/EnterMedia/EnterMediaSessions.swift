/// Who has logged in on which JSESSIONID: a session is as good as a key, until the server restarts.
struct EnterMediaSessions: Sendable {
    private var users: [String: String] = [:]
    private var order: [String] = []
    private var next = 0

    /// Older ones are forgotten.
    private static let limit = 1000

    /// The id of the user of a session.
    subscript(session: String) -> String? {
        users[session]
    }

    /// A new session of a user.
    mutating func begin(_ userID: String) -> String {
        let session = Self.newID()
        if order.count < Self.limit {
            order.append(session)
        } else {
            users[order[next]] = nil
            order[next] = session
            next = (next + 1) % Self.limit
        }
        users[session] = userID
        return session
    }

    mutating func end(_ session: String) {
        users[session] = nil
    }

    /// 32 hex digits in upper case, as Tomcat makes them.
    static func newID() -> String {
        (0..<4).map { _ in
            let text = String(UInt32.random(in: 0...UInt32.max), radix: 16, uppercase: true)
            return String(repeating: "0", count: 8 - text.count) + text
        }.joined()
    }
}
